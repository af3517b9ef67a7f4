/** What a rule does with a request that it matches. */
export const RULE_EFFECTS = ['allow', 'deny', 'limit'] as const

/** The classes of callers a rule may name. */
export const RULE_CLASSES = ['local', 'relay', 'container', 'root', 'unidentified'] as const

/** The listeners a rule may name; the admin listener gives no tokens. */
export const RULE_LISTENERS = ['broker', 'capability'] as const

/** Days of the week as a rule writes them, in the order of `Date.getDay`. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** One day of the week. */
export type Weekday = (typeof WEEKDAYS)[number]

/** A part of the day in minutes since midnight, the end not included; an earlier end is the next day's. */
export interface Hours {
  readonly from: number
  readonly to: number
}

/** At most so many tokens in so many seconds. */
export interface Rate {
  readonly tokens: number
  readonly seconds: number
}

/** Whether a person is asked; seconds are how long a yes counts. */
export type ConsentTerm = 'never' | 'once' | 'always' | { readonly seconds: number }

/** Whom and what a rule speaks of: every selector that is there must match, each by any of its values. */
export interface Selectors {
  readonly executableSha256?: readonly string[]
  readonly executable?: readonly string[]
  readonly unit?: readonly string[]
  readonly capability?: readonly string[]
  readonly gid?: readonly number[]
  readonly class?: readonly (typeof RULE_CLASSES)[number][]
  readonly listener?: readonly (typeof RULE_LISTENERS)[number][]
  readonly grant?: readonly string[]
  readonly audience?: readonly string[]
  readonly scope?: readonly string[]
}

/** When a rule counts; absent means always. */
export interface TimeWindow {
  readonly hours?: Hours
  /** The days on which a window begins. */
  readonly days?: readonly Weekday[]
}

/** What a rule gives at most; an absent member limits nothing. */
export interface Terms {
  readonly maxScope?: readonly string[]
  readonly maxLifetimeSeconds?: number
  readonly consent?: ConsentTerm
  readonly rate?: Rate
  /** False: no cached token while the issuer cannot be reached. */
  readonly offline?: boolean
}

/** One `[[rule]]` of a policy file. */
export interface Rule {
  /** Unique in its file. */
  readonly name: string
  readonly effect: (typeof RULE_EFFECTS)[number]
  readonly selectors: Selectors
  readonly window: TimeWindow
  readonly terms: Terms
  /** Whether `grantd break-glass` may lift it. */
  readonly isBreakGlass: boolean
}
