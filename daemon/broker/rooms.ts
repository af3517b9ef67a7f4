import type { AuditLog } from '../audit/audit-log.ts'
import type { Clock } from '../base/clock.ts'
import type { SteadyClock } from '../base/steady-clock.ts'
import type { Lifetime } from '../config/lifetime.ts'
import type { Consent } from '../consent/consent.ts'
import type { Grant } from '../grant/grant.ts'
import type { UsedBy } from '../grant/used-by.ts'
import type { Issuers } from '../issuer/issuer.ts'
import type { Peer, PeerInquiry } from '../peer/peer.ts'
import type { CurrentPolicy } from '../policy/current-policy.ts'
import type { ListenerRole } from '../policy/question.ts'
import type { RateBuckets } from '../policy/rate-buckets.ts'
import type { PresetShelf } from '../preset/preset-shelf.ts'
import type { BackOff } from '../refresh/back-off.ts'
import type { Flights } from '../refresh/flights.ts'
import type { RefreshOutcome } from '../refresh/outcome.ts'
import type { Renewals } from '../token/renewals.ts'
import type { TokenCache } from '../token/token-cache.ts'
import type { Vault } from '../vault/vault.ts'
import type { GlassBook } from './broken-glass.ts'
import type { CapabilityBook, HeldCapability } from './held-capability.ts'
import type { IdleTime } from './idle-time.ts'
import type { RejectedFloor } from './rejected-floor.ts'
import type { RequestRate } from './request-rate.ts'

/** Who asks, and on which socket. */
export interface Caller {
  readonly peer: Peer
  readonly listener: ListenerRole
  /** Name of the capability whose socket it is. */
  readonly capability?: string
  /** That capability itself: what it caps, and its count. */
  readonly held?: HeldCapability
  /** What is read of the peer only when somebody looks. */
  readonly inquiry: PeerInquiry
  /** True while the process that connected still lives and runs the same program. */
  isSameProcess(): boolean
  /**
   * Calls `listener` once when nobody waits for the answer any more.
   *
   * @returns What ends it.
   */
  onGone(listener: () => void): () => void
}

/** The rooms the use cases walk through. */
export interface Rooms {
  readonly clock: Clock
  /** @throws GrantdError `config_invalid` while the configuration file is broken */
  readonly requireConfig: () => void
  /** The limits of a grant, by its name; none while the configuration file is broken. */
  readonly lifetimeOf: (grant: string) => Lifetime
  /** Whether ages by the wall clock may end anything. */
  readonly steadyClock: SteadyClock
  /** @throws GrantdError `vault_locked` */
  readonly vault: () => Vault
  readonly policy: CurrentPolicy
  /** What is left of the rates that rules set. */
  readonly rates: RateBuckets
  /** The rate of requests that holds without any rule. */
  readonly requestRate: RequestRate
  readonly consent: Consent
  readonly tokens: TokenCache
  readonly flights: Flights<RefreshOutcome>
  /** Keeps exchanges of one grant apart while its issuer fails; by the grant's id. */
  readonly backOff: BackOff
  /** Attempts under way to end a grant at its issuer, by the grant's id. */
  readonly endings: Map<string, Promise<Grant>>
  /** 0 up to 1, like `Math.random`. */
  readonly random: () => number
  readonly rejectedFloor: RejectedFloor
  /** When a token of a grant, by its id, was last handed out; milliseconds since the epoch. */
  readonly uses: Map<string, number>
  /** To which programs, by the grant's id, as far as this daemon has seen. */
  readonly usedBy: Map<string, readonly UsedBy[]>
  /** Tokens that were handed out, to be renewed before they end. */
  readonly renewals: Renewals
  /** Since when no token at all was handed out. */
  readonly idle: IdleTime
  readonly issuers: Issuers
  /** What is known about issuers before they were asked. */
  readonly presets: PresetShelf
  readonly capabilities: CapabilityBook
  /** Where rules are lifted for a while. */
  readonly glass: GlassBook
  readonly audit: AuditLog
}
