import { durationBetween } from './value-kind.ts'

/** How long grants and tokens may live; an absent member sets no limit. */
export interface Lifetime {
  /** Since the login. */
  readonly sessionAgeSeconds?: number
  /** Since a token was last handed out. */
  readonly idleAgeSeconds?: number
  /** Of an access token, since it was fetched. */
  readonly accessTokenSeconds?: number
}

const DAY = 86_400

/**
 * Below a minute the tick of 30 s is no measure of an age any more; ten years are longer
 * than any issuer keeps a refresh token, so whoever wants more wants no limit.
 */
const AGE = durationBetween(60, 3_650 * DAY)

/** Below a minute hardly a token would ever be fresh enough to be handed out twice. */
const TOKEN = durationBetween(60, DAY)

/** The keys of a `lifetime` table. */
export const LIFETIME_KEYS = { session_age: AGE, idle_age: AGE, access_token: TOKEN }

/** What a checked `lifetime` table says. */
export function readLifetime(members: Readonly<Record<string, unknown>>): Lifetime {
  const sessionAgeSeconds = AGE.read(members['session_age'])
  const idleAgeSeconds = AGE.read(members['idle_age'])
  const accessTokenSeconds = TOKEN.read(members['access_token'])
  return {
    ...(sessionAgeSeconds !== undefined && { sessionAgeSeconds }),
    ...(idleAgeSeconds !== undefined && { idleAgeSeconds }),
    ...(accessTokenSeconds !== undefined && { accessTokenSeconds }),
  }
}

/**
 * The limits of one grant: each that its own table names stands in the place of the
 * general one, also where it allows more, since both are the owner's own words. What the
 * system says holds whatever they say.
 */
export function lifetimeOf(config: Limits, grant: string): Lifetime {
  const ofConfig = known.get(config) ?? new Map<string, Lifetime>()
  const found = ofConfig.get(grant)
  if (found !== undefined) return found
  const limits = limitsOf(config, grant)
  known.set(config, ofConfig.set(grant, limits))
  return limits
}

/** The parts of a configuration that limit lives. */
interface Limits {
  readonly lifetime: Lifetime
  readonly grants: Readonly<Record<string, { readonly lifetime: Lifetime }>>
  /** Limits of the system's file; absent when it sets none. */
  readonly ceiling?: Lifetime
}

/** Asked with every token, and the same until a file changes. */
const known = new WeakMap<Limits, Map<string, Lifetime>>()

function limitsOf(config: Limits, grant: string): Lifetime {
  const own = Object.hasOwn(config.grants, grant) ? config.grants[grant]?.lifetime : undefined
  return shorterOf({ ...config.lifetime, ...own }, config.ceiling ?? {})
}

function shorterOf(one: Lifetime, other: Lifetime): Lifetime {
  const members = { ...one, ...other }
  const names = Object.keys(members) as (keyof Lifetime)[]
  return Object.fromEntries(
    names.map((name) => [
      name,
      Math.min(one[name] ?? Number.POSITIVE_INFINITY, other[name] ?? Number.POSITIVE_INFINITY),
    ]),
  )
}
