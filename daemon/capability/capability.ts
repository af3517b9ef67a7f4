/** A process that a capability dies with. */
interface BoundProcess {
  readonly pid: number
  /** Clock ticks since boot when it started: a pid alone may be given to another process. */
  readonly startTime: string
}

/** A socket of its own that gives less than its owner's rights. Holds no secret. */
export interface Capability {
  readonly name: string
  /** Name of the grant it gives tokens of. */
  readonly grant: string
  /** That login and no later one of the same name. */
  readonly grantId: string
  /** The widest scope of its tokens. */
  readonly scope: readonly string[]
  /** The one audience of its tokens; absent for tokens without one. */
  readonly audience?: string
  /** How long a token is handed out after it was fetched, and is said to live, at most. */
  readonly maxTtlSeconds: number
  /** How many tokens in all; absent: any number. */
  readonly uses?: number
  /** How many it gave already. */
  readonly used: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly expiresAt: number
  /** Absolute path of its socket. */
  readonly path: string
  /** Members of this group may use it too. */
  readonly gid?: number
  /** Such a one ends with the daemon at the latest. */
  readonly bound?: BoundProcess
}

/** Why a capability gives nothing any more. */
export type CapabilityEnd =
  | 'expired'
  | 'used_up'
  | 'process_ended'
  | 'grant_ended'
  | 'removed'
  /** There can be no socket at its path. */
  | 'unusable'

/** What of its own terms has ended a capability; `undefined` while it gives tokens. */
export function endOf(
  { expiresAt, uses, used }: Pick<Capability, 'expiresAt' | 'uses' | 'used'>,
  now: number,
): CapabilityEnd | undefined {
  if (now >= expiresAt) return 'expired'
  return uses !== undefined && used >= uses ? 'used_up' : undefined
}
