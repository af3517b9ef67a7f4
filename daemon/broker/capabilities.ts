import {
  type CapabilityDetail,
  type CapabilityList,
  type CapabilityRequest,
  type CapabilityUse,
  GrantdError,
} from '@grantd/client/protocol'
import { MAX_CAPABILITIES } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { StartupError } from '../base/startup-error.ts'
import type { ProcessTie } from '../peer/bind-process.ts'
import type { Vault } from '../vault/vault.ts'
import { type CapabilityLifeParts, CapabilityLives, factsOf } from './capability-lives.ts'
import type { CapabilityBook } from './held-capability.ts'
import { capabilityDetail, newCapability } from './new-capability.ts'
import type { Caller } from './rooms.ts'
import { selectGrant } from './select-grant.ts'

/** Everything capabilities need. */
export interface CapabilityParts extends CapabilityLifeParts {
  readonly log: Pick<Log, 'error' | 'warn'>
  /** @throws GrantdError `vault_locked` */
  readonly vault: () => Vault
  /** @returns `undefined` when there is no such process */
  readonly tie: (pid: number) => ProcessTie | undefined
  readonly defaultPath: (name: string) => string
}

/** The capabilities there are, and what may be asked of them. */
export class Capabilities implements CapabilityBook {
  readonly #parts: CapabilityParts
  readonly #lives: CapabilityLives

  constructor(parts: CapabilityParts) {
    this.#parts = parts
    this.#lives = new CapabilityLives(parts)
  }

  /** Opens again what outlived the daemon; one that cannot be opened stops no other. */
  async restore(): Promise<void> {
    const { store, log } = this.#parts
    const { capabilities, broken } = await store.read()
    for (const file of broken) log.warn('a capability cannot be read', { file })
    for (const capability of capabilities) {
      const held = this.#lives.enter(capability, undefined)
      if (held.look() !== undefined) continue
      try {
        await this.#lives.make(held, async () => undefined)
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
    await this.#lives.ended(name)
    if (this.#lives.get(name) !== undefined)
      throw new GrantdError('invalid_request', `there is a capability "${name}" already`, {
        hint: `grantd capability remove ${name}`,
      })
    if (this.#lives.size >= MAX_CAPABILITIES)
      throw new GrantdError('invalid_request', `there are ${MAX_CAPABILITIES} capabilities already`)
    const wanted = newCapability(grant, request, {
      at: this.#parts.clock.now(),
      defaultPath: this.#parts.defaultPath(name),
    })
    const tie = this.#tie(request.bind_pid)
    const bound = tie && { pid: tie.pid, startTime: tie.startTime }
    const capability = { ...wanted, ...(bound && { bound }) }
    const held = this.#lives.enter(capability, tie)
    try {
      await this.#lives.make(held, async () => {
        await this.#lives.keep(capability)
        await this.#parts.audit.appendDurably({
          event: 'capability.added',
          peer: caller.peer,
          ...factsOf(capability),
          request: { ...request },
        })
      })
    } catch (error) {
      await this.#lives.ended(name)
      throw error instanceof StartupError
        ? new GrantdError('invalid_request', error.message, {
            ...(error.hint !== undefined && { hint: error.hint }),
          })
        : error
    }
    const end = held.look()
    if (end !== undefined) {
      await this.#lives.ended(name)
      throw new GrantdError('invalid_request', `the capability "${name}" ended at once: ${end}`)
    }
    return capabilityDetail(capability)
  }

  list(): CapabilityList {
    return { capabilities: this.#lives.all().map(({ held }) => capabilityDetail(held.facts)) }
  }

  /**
   * Ends one at once, with every connection to it.
   *
   * @throws GrantdError `invalid_request` when there is none, `audit_unavailable`, and then it
   *   has ended all the same
   */
  async remove(caller: Caller, name: string): Promise<CapabilityDetail> {
    const entry = this.#lives.get(name)
    if (entry === undefined) throw new GrantdError('invalid_request', `no capability "${name}"`)
    const { held } = entry
    held.over('removed')
    await this.#lives.ended(name)
    await this.#parts.audit.appendDurably({
      event: 'capability.removed',
      peer: caller.peer,
      ...factsOf(held.facts),
    })
    return capabilityDetail(held.facts)
  }

  ofGrant(id: string): readonly CapabilityUse[] {
    return this.#lives
      .all()
      .map(({ held }) => held.facts)
      .filter(({ grantId }) => grantId === id)
      .map(({ name, used, uses }) => ({ name, used, ...(uses !== undefined && { uses }) }))
  }

  endOfGrant(id: string): void {
    for (const { held } of this.#lives.all())
      if (held.facts.grantId === id) held.over('grant_ended')
  }

  /** How many would be gone, or would hear nobody, if the daemon ended now. */
  get needUs(): number {
    return this.#lives
      .all()
      .filter(({ held, socket }) => socket?.isLent !== true || held.facts.bound !== undefined)
      .length
  }

  /** The beginning of the end: whoever connects from now on may have the next daemon. */
  stopListening(): void {
    for (const { socket } of this.#lives.all()) socket?.stopListening()
  }

  /** Ends what is over, and writes counts down. */
  async sweep(): Promise<void> {
    this.#endOrphans()
    for (const { held } of this.#lives.all()) if (held.look() === undefined) await held.save()
  }

  /** The end of the daemon: sockets go, capabilities stay. */
  async close(): Promise<void> {
    await this.#lives.close()
  }

  /** Grants that are gone: a daemon may have died between the end of one and that of its capabilities. */
  #endOrphans(): void {
    let vault: Vault
    try {
      vault = this.#parts.vault()
    } catch {
      return // a locked vault ends no capability
    }
    for (const { held } of this.#lives.all())
      if ((vault.get(held.facts.grantId)?.state.kind ?? 'revoked') === 'revoked')
        held.over('grant_ended')
  }

  #tie(pid: number | undefined): ProcessTie | undefined {
    if (pid === undefined) return undefined
    const tie = this.#parts.tie(pid)
    if (tie === undefined) throw new GrantdError('invalid_request', `no process ${pid}`)
    return tie
  }
}
