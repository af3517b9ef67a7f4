import {
  type CapabilityDetail,
  type CapabilityList,
  type CapabilityRequest,
  type CapabilityUse,
  GrantdError,
} from '@grantd/client/protocol'
import type { AuditLog } from '../audit/audit-log.ts'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Clock } from '../base/clock.ts'
import { MAX_CAPABILITIES } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { StartupError } from '../base/startup-error.ts'
import type { Capability, CapabilityEnd } from '../capability/capability.ts'
import type { CapabilityStore } from '../capability/capability-store.ts'
import type { ProcessTie } from '../peer/bind-process.ts'
import type { Vault } from '../vault/vault.ts'
import { type CapabilityBook, HeldCapability } from './held-capability.ts'
import { capabilityDetail, newCapability } from './new-capability.ts'
import type { Caller } from './rooms.ts'
import { selectGrant } from './select-grant.ts'

/** The socket of one capability. */
export interface CapabilitySocket {
  /** A service manager has bound it, and starts a daemon for whoever connects. */
  readonly isLent: boolean
  /** Accepts nobody any more; who was accepted is heard. */
  stopListening(): void
  /**
   * Listens no more.
   *
   * @param how `cut` ends every connection at once; `answer` lets those who wait have their answer.
   */
  close(how: 'cut' | 'answer'): Promise<void>
}

/** Everything capabilities need. */
export interface CapabilityParts {
  readonly clock: Clock
  readonly log: Pick<Log, 'error' | 'warn'>
  readonly audit: AuditLog
  /** @throws GrantdError `vault_locked` */
  readonly vault: () => Vault
  readonly store: CapabilityStore
  /** @throws StartupError when there can be no socket at its path */
  readonly open: (held: HeldCapability) => Promise<CapabilitySocket>
  /** @returns `undefined` when there is no such process */
  readonly tie: (pid: number) => ProcessTie | undefined
  readonly defaultPath: (name: string) => string
}

interface Entry {
  readonly held: HeldCapability
  readonly tie: ProcessTie | undefined
  socket: CapabilitySocket | undefined
  /** Settled once its file and its socket are there, or will not be. */
  made: Promise<void>
}

/**
 * The capabilities there are. What ends one is known to it at once, and nothing leaves it
 * from then on; its socket, its file and the record follow.
 */
export class Capabilities implements CapabilityBook {
  readonly #parts: CapabilityParts
  readonly #entries = new Map<string, Entry>()
  /** Names whose files and sockets are being made or ended. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(parts: CapabilityParts) {
    this.#parts = parts
  }

  /** Opens again what outlived the daemon; one that cannot be opened stops no other. */
  async restore(): Promise<void> {
    const { store, log } = this.#parts
    const { capabilities, broken } = await store.read()
    for (const file of broken) log.warn('a capability cannot be read', { file })
    for (const capability of capabilities) {
      const entry = this.#enter(capability, undefined)
      if (entry.held.look() !== undefined) continue
      try {
        await this.#make(entry, async () => undefined)
      } catch (error) {
        log.error(`the capability "${capability.name}" could not be opened`, error)
      }
    }
  }

  /**
   * Makes one and listens at its socket.
   *
   * @throws GrantdError `invalid_request`, `invalid_scope`, `invalid_target`, `unknown_grant`,
   *   `login_required`, `vault_locked`, `audit_unavailable`
   */
  async add(caller: Caller, request: CapabilityRequest): Promise<CapabilityDetail> {
    const { name } = request
    const grant = selectGrant(this.#parts.vault().list(), { grant: request.grant })
    await this.#busy.get(name)
    if (this.#entries.has(name))
      throw new GrantdError('invalid_request', `there is a capability "${name}" already`, {
        hint: `grantd capability remove ${name}`,
      })
    if (this.#entries.size >= MAX_CAPABILITIES)
      throw new GrantdError('invalid_request', `there are ${MAX_CAPABILITIES} capabilities already`)
    const wanted = newCapability(grant, request, {
      at: this.#parts.clock.now(),
      defaultPath: this.#parts.defaultPath(name),
    })
    const tie = this.#tie(request.bind_pid)
    const bound = tie && { pid: tie.pid, startTime: tie.startTime }
    const capability = { ...wanted, ...(bound && { bound }) }
    const entry = this.#enter(capability, tie)
    try {
      await this.#make(entry, async () => {
        await this.#keep(capability)
        await this.#parts.audit.appendDurably({
          event: 'capability.added',
          peer: caller.peer,
          ...factsOf(capability),
          request: { ...request },
        })
      })
    } catch (error) {
      await this.#busy.get(name)
      throw error instanceof StartupError
        ? new GrantdError('invalid_request', error.message, {
            ...(error.hint !== undefined && { hint: error.hint }),
          })
        : error
    }
    const end = entry.held.look()
    if (end !== undefined) {
      await this.#busy.get(name)
      throw new GrantdError('invalid_request', `the capability "${name}" ended at once: ${end}`)
    }
    return capabilityDetail(capability)
  }

  list(): CapabilityList {
    return { capabilities: this.#open().map(({ held }) => capabilityDetail(held.facts)) }
  }

  /**
   * Ends one at once, with every connection to it.
   *
   * @throws GrantdError `invalid_request` when there is none, `audit_unavailable`, and then it
   *   has ended all the same
   */
  async remove(caller: Caller, name: string): Promise<CapabilityDetail> {
    const entry = this.#entries.get(name)
    if (entry === undefined) throw new GrantdError('invalid_request', `no capability "${name}"`)
    const { held } = entry
    held.over('removed')
    await this.#busy.get(name)
    await this.#parts.audit.appendDurably({
      event: 'capability.removed',
      peer: caller.peer,
      ...factsOf(held.facts),
    })
    return capabilityDetail(held.facts)
  }

  ofGrant(id: string): readonly CapabilityUse[] {
    return this.#open()
      .map(({ held }) => held.facts)
      .filter(({ grantId }) => grantId === id)
      .map(({ name, used, uses }) => ({ name, used, ...(uses !== undefined && { uses }) }))
  }

  endOfGrant(id: string): void {
    for (const { held } of this.#open()) if (held.facts.grantId === id) held.over('grant_ended')
  }

  /** How many would be gone, or would hear nobody, if the daemon ended now. */
  get needUs(): number {
    return this.#open().filter(
      ({ held, socket }) => socket?.isLent !== true || held.facts.bound !== undefined,
    ).length
  }

  /** The beginning of the end: whoever connects from now on may have the next daemon. */
  stopListening(): void {
    for (const { socket } of this.#open()) socket?.stopListening()
  }

  /** Ends what is over, and writes counts down. */
  async sweep(): Promise<void> {
    this.#endOrphans()
    for (const { held } of this.#open()) if (held.look() === undefined) await held.save()
  }

  /** The end of the daemon: sockets go, capabilities stay. */
  async close(): Promise<void> {
    await Promise.all(this.#busy.values())
    await Promise.all(
      this.#open().map(async ({ held, socket, tie }) => {
        await socket?.close('answer')
        tie?.release()
        await held.save()
      }),
    )
    this.#entries.clear()
  }

  #open(): readonly Entry[] {
    return [...this.#entries.values()]
  }

  /** Grants that are gone: a daemon may have died between the end of one and that of its capabilities. */
  #endOrphans(): void {
    let vault: Vault
    try {
      vault = this.#parts.vault()
    } catch {
      return // a locked vault ends no capability
    }
    for (const { held } of this.#open())
      if ((vault.get(held.facts.grantId)?.state.kind ?? 'revoked') === 'revoked')
        held.over('grant_ended')
  }

  #tie(pid: number | undefined): ProcessTie | undefined {
    if (pid === undefined) return undefined
    const tie = this.#parts.tie(pid)
    if (tie === undefined) throw new GrantdError('invalid_request', `no process ${pid}`)
    return tie
  }

  #enter(capability: Capability, tie: ProcessTie | undefined): Entry {
    const held = new HeldCapability(capability, {
      clock: this.#parts.clock,
      isBoundAlive: () => tie?.isAlive() ?? true,
      write: (counted) => this.#keep(counted),
      onOver: (end) => this.#finish(capability.name, end),
    })
    const entry: Entry = { held, tie, socket: undefined, made: Promise.resolve() }
    this.#entries.set(capability.name, entry)
    return entry
  }

  /** Whoever ends it meanwhile waits for this, and then ends what is there. */
  async #make(entry: Entry, first: () => Promise<void>): Promise<void> {
    const { held } = entry
    const making = (async () => {
      await first()
      entry.socket = await this.#parts.open(held)
    })()
    entry.made = making.catch(() => held.over('unusable'))
    await making
  }

  /** One that is bound to a process lives in memory, as the process would not be found again. */
  async #keep(capability: Capability): Promise<void> {
    if (capability.bound !== undefined) return
    try {
      await this.#parts.store.write(capability)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      throw new GrantdError('vault_locked', `the capability cannot be written: ${code}`, {
        hint: 'make room on the disk of the state directory, and let us write to it',
      })
    }
  }

  #finish(name: string, end: CapabilityEnd): void {
    const ending = this.#tidy(name, end)
      .catch((error: unknown) => {
        this.#parts.log.error(
          `the capability "${name}" has ended, and something is left of it`,
          error,
        )
      })
      .finally(() => this.#busy.delete(name))
    this.#busy.set(name, ending)
  }

  /** Nothing leaves it any more: what is left to do can fail and be told. */
  async #tidy(name: string, end: CapabilityEnd): Promise<void> {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#entries.delete(name)
    const { held, tie } = entry
    // a file that is being written would come back after it was removed
    await Promise.all([entry.made, held.written()])
    const { socket } = entry
    tie?.release()
    const { facts } = held
    const left = await Promise.allSettled([
      // its line is written before anything else is seen to happen
      end === 'removed'
        ? undefined
        : this.#parts.audit.appendDurably({
            event: 'capability.ended',
            reason: end,
            ...factsOf(facts),
          }),
      socket?.close(end === 'used_up' ? 'answer' : 'cut'),
      facts.bound === undefined ? this.#parts.store.remove(name) : undefined,
    ])
    for (const one of left) if (one.status === 'rejected') throw one.reason
  }
}

function factsOf({ name, grant, grantId, scope, audience }: Capability): Partial<AuditEntry> {
  return { capability: name, grant, grantId, scope, audience }
}
