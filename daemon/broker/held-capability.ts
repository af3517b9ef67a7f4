import { type CapabilityUse, GrantdError, type TokenRequest } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { type Capability, type CapabilityEnd, endOf } from '../capability/capability.ts'
import type { Grant } from '../grant/grant.ts'
import { parseScope, scopeBeyond } from '../grant/scope.ts'
import type { Allowed } from '../policy/decision.ts'
import { narrow } from '../policy/terms.ts'

/** What the rest of the broker does with capabilities. */
export interface CapabilityBook {
  /** How often those of a grant, by its id, were used. */
  ofGrant(id: string): readonly CapabilityUse[]
  /** Ends them all; from now on none of them gives a token. */
  endOfGrant(id: string): void
}

/** What keeps a capability, and ends it. */
export interface CapabilityKeeping {
  readonly clock: Clock
  /** False once the process that binds it has ended. */
  readonly isBoundAlive: () => boolean
  /**
   * Makes a count durable.
   *
   * @throws GrantdError `vault_locked` when it cannot be written
   */
  readonly write: (capability: Capability) => Promise<void>
  /** Is told as soon as it gives nothing any more; whoever asked last still gets the answer. */
  readonly onOver: (end: CapabilityEnd) => void
}

/**
 * One capability while its socket is open. It only takes away: whatever policy says of its
 * caller, a token has the grant, the scope and the life that the capability names at most.
 */
export class HeldCapability {
  readonly #keeping: CapabilityKeeping
  /** By the other clock too: to set the wall clock back makes nothing live longer. */
  readonly #endsAt: number
  #capability: Capability
  #end: CapabilityEnd | undefined
  #turn: Promise<void> = Promise.resolve()
  #isWritten = true

  constructor(capability: Capability, keeping: CapabilityKeeping) {
    this.#capability = capability
    this.#keeping = keeping
    const { clock } = keeping
    this.#endsAt = clock.monotonic() + capability.expiresAt - clock.now()
  }

  get name(): string {
    return this.#capability.name
  }

  /** As it is now, with its count. */
  get facts(): Capability {
    return this.#capability
  }

  /** Why it gives nothing any more; `undefined` while it does. */
  look(): CapabilityEnd | undefined {
    const { clock, isBoundAlive } = this.#keeping
    if (this.#end !== undefined) return this.#end
    const now = clock.monotonic() >= this.#endsAt ? this.#capability.expiresAt : clock.now()
    const end = endOf(this.#capability, now) ?? (isBoundAlive() ? undefined : 'process_ended')
    if (end !== undefined) this.over(end)
    return end
  }

  /** Nothing is given from here on. */
  over(end: CapabilityEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#keeping.onOver(end)
  }

  /**
   * The request as the capability understands it: grant and audience are its own.
   *
   * @throws GrantdError `access_denied` when it is over, or more is asked for
   */
  within(request: TokenRequest): TokenRequest {
    const end = this.look()
    if (end !== undefined) throw this.#refusal(ENDS[end])
    const { grant, audience, scope } = this.#capability
    if (request.grant !== undefined && request.grant !== grant)
      throw this.#refusal('is for another grant')
    if (request.audience !== undefined && request.audience !== audience)
      throw this.#refusal('is for another audience')
    const beyond = scopeBeyond(parseScope(request.scope ?? ''), scope)
    if (beyond.length > 0) throw this.#refusal(`does not reach "${beyond.join(' ')}"`)
    return { ...request, grant, ...(audience !== undefined && { audience }) }
  }

  /** @throws GrantdError `access_denied` for a later login of the same name */
  requireLogin({ id }: Pick<Grant, 'id'>): void {
    if (id === this.#capability.grantId) return
    this.over('grant_ended')
    throw this.#refusal(ENDS.grant_ended)
  }

  /** What is left of a yes of policy. */
  narrow(decision: Allowed): Allowed {
    const { scope, maxTtlSeconds } = this.#capability
    const label = `capability ${this.name}`
    const terms = { maxScope: scope, maxLifetimeSeconds: maxTtlSeconds }
    return { ...decision, ...narrow(decision, label, terms), limits: [...decision.limits, label] }
  }

  /**
   * Counts one token that is about to leave, durably where the count can end it; one at a
   * time. What is counted and then not given stays counted.
   *
   * @throws GrantdError `access_denied` when none is left, `vault_locked`
   */
  async spend(): Promise<void> {
    await this.#inTurn(() => this.#count())
  }

  /** @throws GrantdError `access_denied` when it ended otherwise than by the token that leaves now */
  requireOpen(): void {
    const end = this.look()
    if (end !== undefined && end !== 'used_up') throw this.#refusal(ENDS[end])
  }

  /** Writes down a count that nothing depends on. */
  async save(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#isWritten || this.#end !== undefined) return
      await this.#keeping.write(this.#capability)
      this.#isWritten = true
    })
  }

  /** Resolves when nothing of it is being written; of one that is over nothing is written again. */
  async written(): Promise<void> {
    await this.#turn
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work)
    // a failure is told to whoever it happened to
    this.#turn = mine.catch(() => undefined)
    await mine
  }

  async #count(): Promise<void> {
    const end = this.look()
    if (end !== undefined) throw this.#refusal(ENDS[end])
    const counted = { ...this.#capability, used: this.#capability.used + 1 }
    if (counted.uses !== undefined) await this.#keeping.write(counted)
    else this.#isWritten = false
    this.#capability = counted
    this.look()
  }

  #refusal(what: string): GrantdError {
    return new GrantdError('access_denied', `the capability "${this.name}" ${what}`)
  }
}

const ENDS: Readonly<Record<CapabilityEnd, string>> = {
  expired: 'has expired',
  used_up: 'is used up',
  process_ended: 'ended with its process',
  grant_ended: 'ended with its grant',
  removed: 'was removed',
  unusable: 'has no socket',
}
