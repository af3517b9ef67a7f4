import { GrantdError } from '@grantd/client/protocol'
import type { AuditLog } from '../audit/audit-log.ts'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Capability, CapabilityEnd } from '../capability/capability.ts'
import type { CapabilityStore } from '../capability/capability-store.ts'
import type { ProcessTie } from '../peer/bind-process.ts'
import { HeldCapability } from './held-capability.ts'

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

/** What lives of capabilities hang on. */
export interface CapabilityLifeParts {
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  readonly audit: AuditLog
  readonly store: CapabilityStore
  /** @throws StartupError when there can be no socket at its path */
  readonly open: (held: HeldCapability) => Promise<CapabilitySocket>
}

/** One that is there. */
export interface LivingCapability {
  readonly held: HeldCapability
  readonly tie: ProcessTie | undefined
  readonly socket: CapabilitySocket | undefined
}

interface Entry extends LivingCapability {
  socket: CapabilitySocket | undefined
  /** Settled once its file and its socket are there, or will not be. */
  made: Promise<void>
}

/**
 * How capabilities come to be and end: the file, the socket, the record and the tie of each,
 * in an order that leaves nothing behind. What ends one is known to it at once, and nothing
 * leaves it from then on; the rest follows.
 */
export class CapabilityLives {
  readonly #parts: CapabilityLifeParts
  readonly #entries = new Map<string, Entry>()
  /** Names whose files and sockets are being ended. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(parts: CapabilityLifeParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#entries.size
  }

  all(): readonly LivingCapability[] {
    return [...this.#entries.values()]
  }

  get(name: string): LivingCapability | undefined {
    return this.#entries.get(name)
  }

  /** Resolves when nothing of an ended one of this name is left, or that was told. */
  async ended(name: string): Promise<void> {
    await this.#busy.get(name)
  }

  /** It counts from now on, and has no socket yet. */
  enter(capability: Capability, tie: ProcessTie | undefined): HeldCapability {
    const held = new HeldCapability(capability, {
      clock: this.#parts.clock,
      isBoundAlive: () => tie?.isAlive() ?? true,
      write: (counted) => this.keep(counted),
      onOver: (end) => this.#finish(capability.name, end),
    })
    this.#entries.set(capability.name, { held, tie, socket: undefined, made: Promise.resolve() })
    return held
  }

  /**
   * Opens the socket of one that was entered. Whoever ends it meanwhile waits for this, and then
   * ends what is there.
   *
   * @param first Comes before the socket; when it fails there is none.
   * @throws unknown what `first` or the socket failed with; it has ended then
   */
  async make(held: HeldCapability, first: () => Promise<void>): Promise<void> {
    const entry = this.#entries.get(held.facts.name)
    if (entry === undefined) throw new Error('it was never entered, or has ended')
    const making = (async () => {
      await first()
      entry.socket = await this.#parts.open(held)
    })()
    entry.made = making.catch(() => held.over('unusable'))
    await making
  }

  /**
   * Writes it down. One that is bound to a process lives in memory, as the process would not be
   * found again.
   *
   * @throws GrantdError `vault_locked`
   */
  async keep(capability: Capability): Promise<void> {
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

  /** The end of the daemon: sockets go, capabilities stay. */
  async close(): Promise<void> {
    await Promise.all(this.#busy.values())
    await Promise.all(
      this.all().map(async ({ held, socket, tie }) => {
        await socket?.close('answer')
        tie?.release()
        await held.save()
      }),
    )
    this.#entries.clear()
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

/** What records say of one. */
export function factsOf({
  name,
  grant,
  grantId,
  scope,
  audience,
}: Capability): Partial<AuditEntry> {
  return { capability: name, grant, grantId, scope, audience }
}
