import type { KeyObject } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { AuditEntry } from './audit-record.ts'
import { type Head, isMadeWith, type Link } from './chain.ts'
import { type ChainKey, newChainKey, signSeal } from './chain-key.ts'
import { writeKeyFile } from './key-file.ts'

/** What seals need of the log they are in. */
export interface SealedLog {
  head(): Head
  /** Everything that was written is on the disk. */
  sync(): Promise<void>
  write(entryAfter: (head: Head) => AuditEntry): void
  /** Lines are written with another key from now on. */
  use(macKey: KeyObject): void
}

/** How seals are made. */
export interface ChainSealsOptions {
  /** Of the key file. */
  readonly path: string
  readonly current: ChainKey
  /** True when nothing vouches for `current`. */
  readonly isNew: boolean
  readonly clock: Clock
  /** How long a line waits for a seal. */
  readonly sealMs: number
}

/**
 * The keys of a log. A seal signs everything above it and names the next key; the key that
 * signed is then erased, here and in the key file. Whoever takes a key can write lines from
 * the last seal on, and none above it.
 */
export class ChainSeals {
  readonly #path: string
  readonly #isNew: boolean
  readonly #clock: Clock
  readonly #sealMs: number
  #current: ChainKey
  /** The first line that `#current` wrote. */
  #firstSeq = Number.POSITIVE_INFINITY
  #sealedAt = Number.NEGATIVE_INFINITY
  #turn: Promise<void> = Promise.resolve()

  constructor({ path, current, isNew, clock, sealMs }: ChainSealsOptions) {
    this.#path = path
    this.#current = current
    this.#isNew = isNew
    this.#clock = clock
    this.#sealMs = sealMs
  }

  /**
   * Whether the daemon wrote a line; undefined where the key is gone, and a seal has to say.
   */
  isOurs(link: Link): boolean | undefined {
    return link.seq < this.#firstSeq ? undefined : isMadeWith(this.#current.mac, link)
  }

  /** Each start has a key of its own. */
  async begin(log: SealedLog): Promise<void> {
    if (!this.#isNew) return await this.#seal(log)
    // on the disk first: a line that nobody could vouch for after a crash looks like a forgery
    await writeKeyFile(this.#path, { head: log.head(), current: this.#current })
    const audit = { key: this.#current.publicKey }
    log.write(({ seq }) => ({
      event: 'audit.started',
      audit,
      ...(seq > 0 && { reason: 'there was no key for the lines above' }),
    }))
    this.#firstSeq = log.head().seq
    this.#sealedAt = this.#clock.monotonic()
    await this.#note(log)
  }

  /** Seals if it is time to, and if there is anything to seal. */
  async maintain(log: SealedLog): Promise<void> {
    const isDue = this.#clock.monotonic() - this.#sealedAt >= this.#sealMs
    if (isDue && log.head().seq >= this.#firstSeq) await this.#seal(log)
  }

  /** Notes how the log ends, so that an end that is cut off is missed. */
  async settle(log: SealedLog): Promise<void> {
    await this.#inTurn(() => this.#note(log))
  }

  async #seal(log: SealedLog): Promise<void> {
    await this.#inTurn(async () => {
      const next = newChainKey()
      const current = this.#current
      const head = log.head()
      await log.sync()
      // a crash from here on finds both keys: either may have written the last line
      await writeKeyFile(this.#path, { head, current, next })
      log.write((before) => {
        const signature = signSeal(current, before, next.publicKey)
        const audit = { signer: current.publicKey, key: next.publicKey, signature }
        return { event: 'audit.sealed', audit }
      })
      this.#current = next
      this.#firstSeq = log.head().seq + 1
      log.use(next.mac)
      this.#sealedAt = this.#clock.monotonic()
      await this.#note(log)
    })
  }

  async #note(log: SealedLog): Promise<void> {
    const head = log.head()
    await log.sync()
    await writeKeyFile(this.#path, { head, current: this.#current })
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined) // whoever asked for it is told
    await turn
  }
}
