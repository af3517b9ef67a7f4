import type { BreakGlassDetail } from '@grantd/client/protocol'
import { GrantdError } from '@grantd/client/protocol'
import type { AuditLog } from '../audit/audit-log.ts'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Clock } from '../base/clock.ts'
import { type Moment, momentIn, msUntil } from '../base/moment.ts'
import type { Peer } from '../peer/peer.ts'

/** Why lifted rules are due again. */
export type GlassEnd =
  | 'expired'
  | 'closed'
  | 'replaced'
  | 'locked'
  | 'grant_ended'
  | 'policy_changed'
  | 'stopped'

/** What somebody is about to lift. */
export interface Lift {
  readonly grant: string
  readonly grantId: string
  readonly class: BreakGlassDetail['class']
  readonly seconds: number
  readonly reason: string
  readonly rules: readonly string[]
}

/** What the rest of the broker does with lifted rules. */
export interface GlassBook {
  /** Why rules are lifted for a grant, by its id, and a class; `undefined` while they are not. */
  reasonFor(grantId: string, ofClass: Peer['class']): string | undefined
  /** A token leaves that needed it. */
  countUse(grantId: string): void
  /** @throws GrantdError `invalid_request` when there is no room for one more grant */
  requireRoom(grantId: string): void
  /** From now on, in the place of what was lifted for the grant before. */
  begin(lift: Lift): BreakGlassDetail
  /**
   * @param grant Name of the grant.
   * @returns How it was; `undefined` where nothing is lifted.
   * @throws GrantdError `audit_unavailable`, and then it has ended all the same
   */
  close(grant: string, peer: Peer): BreakGlassDetail | undefined
  endOfGrant(grantId: string): void
  endAll(end: GlassEnd): void
}

interface Lifted extends Lift {
  readonly startedAt: number
  readonly endsAt: Moment
  /** What the rules were when somebody said yes to lift them. */
  readonly inForce: unknown
  used: number
}

/**
 * Which rules are lifted, in memory only: a restart ends it. The time ends by whichever
 * clock is there first: one may be set back, the other may stand still while the machine
 * sleeps. It also ends with any change of the rules, since nobody said yes to lift others.
 */
export class BrokenGlass implements GlassBook {
  readonly #clock: Clock
  readonly #audit: Pick<AuditLog, 'append'>
  readonly #rules: () => unknown
  readonly #max: number
  /** By the id of the grant. */
  readonly #lifted = new Map<string, Lifted>()
  /** Ends that could not be written: they are tried again, and an end waits for nothing. */
  readonly #unrecorded: AuditEntry[] = []

  /**
   * @param options.rules The same value as long as nothing was changed in them.
   * @param options.max For how many grants at the same time.
   */
  constructor(options: {
    readonly clock: Clock
    readonly audit: Pick<AuditLog, 'append'>
    readonly rules: () => unknown
    readonly max: number
  }) {
    this.#clock = options.clock
    this.#audit = options.audit
    this.#rules = options.rules
    this.#max = options.max
  }

  reasonFor(grantId: string, ofClass: Peer['class']): string | undefined {
    const lifted = this.#look(grantId)
    return lifted?.class === ofClass ? lifted.reason : undefined
  }

  countUse(grantId: string): void {
    const lifted = this.#lifted.get(grantId)
    if (lifted !== undefined) lifted.used += 1
  }

  requireRoom(grantId: string): void {
    this.sweep()
    if (this.#lifted.size >= this.#max && !this.#lifted.has(grantId))
      throw new GrantdError('invalid_request', `rules are lifted for ${this.#max} grants already`)
  }

  begin(lift: Lift): BreakGlassDetail {
    const before = this.#lifted.get(lift.grantId)
    if (before !== undefined) this.#end(before, 'replaced')
    const lifted: Lifted = {
      ...lift,
      startedAt: this.#clock.now(),
      endsAt: momentIn(this.#clock, lift.seconds * 1000),
      inForce: this.#rules(),
      used: 0,
    }
    this.#lifted.set(lift.grantId, lifted)
    return this.#detail(lifted)
  }

  close(grant: string, peer: Peer): BreakGlassDetail | undefined {
    this.sweep()
    const lifted = [...this.#lifted.values()].find((one) => one.grant === grant)
    if (lifted === undefined) return undefined
    const detail = this.#detail(lifted)
    if (!this.#end(lifted, 'closed', peer))
      throw new GrantdError('audit_unavailable', 'it has ended, but that could not be recorded yet')
    return detail
  }

  endOfGrant(grantId: string): void {
    const lifted = this.#lifted.get(grantId)
    if (lifted !== undefined) this.#end(lifted, 'grant_ended')
  }

  endAll(end: GlassEnd): void {
    for (const lifted of this.#lifted.values()) this.#end(lifted, end)
  }

  /** What is lifted now. */
  list(): readonly BreakGlassDetail[] {
    this.sweep()
    return [...this.#lifted.values()].map((lifted) => this.#detail(lifted))
  }

  /** Ends what is due, and writes down what could not be written before. */
  sweep(): void {
    for (const grantId of this.#lifted.keys()) this.#look(grantId)
    for (const entry of this.#unrecorded.splice(0)) this.#record(entry)
  }

  /** Looked at with every question: no timer has to come in time. */
  #look(grantId: string): Lifted | undefined {
    const lifted = this.#lifted.get(grantId)
    if (lifted === undefined) return undefined
    const isOver = this.#msLeft(lifted) <= 0
    if (!isOver && lifted.inForce === this.#rules()) return lifted
    this.#end(lifted, isOver ? 'expired' : 'policy_changed')
    return undefined
  }

  #msLeft({ endsAt }: Lifted): number {
    return msUntil(this.#clock, endsAt)
  }

  /** @returns False when it could not be recorded yet. */
  #end(lifted: Lifted, end: GlassEnd, peer?: Peer): boolean {
    this.#lifted.delete(lifted.grantId)
    const { grant, grantId, rules, reason, class: ofClass, used } = lifted
    return this.#record({
      event: 'break_glass.ended',
      ...(peer && { peer }),
      grant,
      grantId,
      lifted: rules,
      reason: end,
      request: { reason, class: ofClass, used },
    })
  }

  #record(entry: AuditEntry): boolean {
    try {
      this.#audit.append(entry)
      return true
    } catch {
      // the rules hold again whatever the disk says; the line follows with the next look
      this.#unrecorded.push(entry)
      return false
    }
  }

  #detail(lifted: Lifted): BreakGlassDetail {
    const { grant, class: ofClass, reason, rules, startedAt, used } = lifted
    return {
      grant,
      class: ofClass,
      reason,
      lifted: rules,
      started_at: new Date(startedAt).toISOString(),
      seconds_left: Math.max(0, Math.ceil(this.#msLeft(lifted) / 1000)),
      used,
    }
  }
}
