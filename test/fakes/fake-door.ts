import type { GrantdError } from '@grantd/client/protocol'
import type { Secret } from '../../daemon/base/secret.ts'
import type { VaultRooms } from '../../daemon/broker/vault-rooms.ts'
import type { VaultFacts } from '../../daemon/vault/vault-facts.ts'

type Door = VaultRooms['door']

/** A door that does as it is told, and remembers what it was asked. */
export class FakeDoor implements Door {
  readonly steps: string[]
  /** Passphrases as they came. */
  readonly passphrases: (string | undefined)[] = []
  /** What the next change fails with. */
  failure: GrantdError | undefined
  /** What the next lock fails with, locked all the same. */
  lateFailure: GrantdError | undefined
  /** Runs while a lock waits for exchanges under way. */
  whileLanding: () => Promise<void> = async () => undefined
  #facts: VaultFacts

  constructor(steps: string[] = [], facts: Partial<VaultFacts> = {}) {
    this.steps = steps
    this.#facts = {
      state: 'open',
      provider: 'passphrase',
      keyId: '0123456789abcdef',
      records: 2,
      broken: [],
      isRekeying: false,
      ...facts,
    }
  }

  facts(): VaultFacts {
    return this.#facts
  }

  async lock(by: 'person' | 'idle'): Promise<void> {
    this.#step(`lock by ${by}`)
    const before = this.#facts
    this.#facts = { ...before, state: 'locked', lockedBy: by, needs: 'passphrase' }
    await this.whileLanding()
    this.steps.push('wiped')
    const { lateFailure } = this
    if (lateFailure !== undefined) throw lateFailure
  }

  async unlock(passphrase: Secret | undefined): Promise<void> {
    this.#take(passphrase)
    this.#step('unlock')
    const { lockedBy: _lockedBy, needs: _needs, ...facts } = this.#facts
    this.#facts = { ...facts, state: 'open' }
  }

  async init(how: Parameters<Door['init']>[0]): Promise<void> {
    this.#take(how.passphrase)
    this.#step(`init ${how.provider}${how.discardSealed ? ', discard' : ''}`)
    this.#facts = { ...this.#facts, keyId: 'fedcba9876543210', records: 0 }
  }

  async rekey(how: Parameters<Door['rekey']>[0]): Promise<{ readonly records: number }> {
    this.#take(how.passphrase)
    this.#step(`rekey ${how.provider}`)
    this.#facts = { ...this.#facts, keyId: 'fedcba9876543210' }
    return { records: this.#facts.records }
  }

  #take(passphrase: Secret | undefined): void {
    this.passphrases.push(passphrase?.reveal())
    passphrase?.wipe()
  }

  #step(step: string): void {
    this.steps.push(step)
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
  }
}
