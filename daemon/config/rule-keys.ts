import { PATTERNS } from '@grantd/client/protocol'
import { parseDuration } from './duration.ts'
import {
  type ConsentTerm,
  type Hours,
  type Rate,
  RULE_CLASSES,
  RULE_EFFECTS,
  RULE_LISTENERS,
  WEEKDAYS,
} from './rule.ts'
import {
  durationBetween,
  oneOrMore,
  TRUTH,
  textLike,
  type ValueKind,
  wholeNumber,
  wordOf,
} from './value-kind.ts'

const DAY = 86_400

/** Names that stand for rules of other places in records and explanations. */
const RESERVED = /^(?:built-in$|system:)/

const PRINTABLE_NAME = textLike(/^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/, '')

const NAME: ValueKind<string> = {
  wish: 'a printable name of 1 to 64 characters, not "built-in" nor beginning with "system:"',
  read: (value) => {
    const name = PRINTABLE_NAME.read(value)
    return name === undefined || RESERVED.test(name) ? undefined : name
  },
}

/**
 * As the kernel writes it, and none is longer: another spelling would never match, and nobody
 * would notice. Whether the file is there is not looked at.
 */
const PATH = textLike(
  /^(?=.{2,4096}$)(?:\/(?!\.{1,2}(?:\/|$))[^\p{Cc}/]+)+$/u,
  'an absolute path without "//", "." and ".."',
)

const SHA256: ValueKind<string> = {
  wish: '64 hexadecimal digits',
  read: (value) =>
    typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value) ? value.toLowerCase() : undefined,
}

/** Processes live in services and scopes only; another word would never match, and nobody would notice. */
const UNIT = textLike(
  /^[\x21-\x2e\x30-\x7e]{1,247}\.(?:service|scope)$/,
  'the name of a unit such as "backup.service"',
)

const GRANT = textLike(new RegExp(PATTERNS.grantName), 'the name of a grant')
const CAPABILITY = textLike(new RegExp(PATTERNS.grantName), 'the name of a capability')
const AUDIENCE = textLike(new RegExp(PATTERNS.audience), 'an absolute URI')

const SCOPE: ValueKind<string> = textLike(
  /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/,
  'one word of a scope',
)

/** The largest gid there is; the one above it means none. */
const GID = wholeNumber(0, 4_294_967_294)

/** Shorter than a minute and hardly a token would be handed out twice. */
const LIFETIME = durationBetween(60, DAY)

/** A yes that counts for more than a day is none that anybody remembers. */
const CONSENT_FOR = durationBetween(10, DAY)

const CONSENT: ValueKind<ConsentTerm> = {
  wish: `never, once, always or ${CONSENT_FOR.wish}`,
  read: (value) => {
    if (value === 'never' || value === 'once' || value === 'always') return value
    const seconds = CONSENT_FOR.read(value)
    return seconds === undefined ? undefined : { seconds }
  },
}

/** More than any program needs; a larger number would limit nothing. */
const MAX_RATE_TOKENS = 100_000

const RATE: ValueKind<Rate> = {
  wish: 'tokens per duration such as "30/1m", at most 100000 and a day',
  read: (value) => {
    if (typeof value !== 'string') return undefined
    const [, count = '', duration = ''] = /^([1-9]\d{0,5})\/(\w+)$/.exec(value) ?? []
    const seconds = parseDuration(duration)
    const tokens = Number(count)
    if (seconds === undefined || seconds > DAY || tokens > MAX_RATE_TOKENS) return undefined
    return { tokens, seconds }
  },
}

const HOURS: ValueKind<Hours> = {
  wish: 'two different times such as "08:00-18:00"',
  read: (value) => {
    if (typeof value !== 'string') return undefined
    const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(value) ?? []
    const hours = { from: minuteOf(from), to: to === '24:00' ? 1_440 : minuteOf(to) }
    return Number.isNaN(hours.from + hours.to) || hours.from === hours.to ? undefined : hours
  },
}

/** Minutes since midnight; `NaN` for what is no time of day. */
function minuteOf(text: string | undefined): number {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text ?? '') ?? []
  return Number(hour) * 60 + Number(minute)
}

/** What selects callers and requests. */
export const SELECTOR_KEYS = {
  executable_sha256: oneOrMore(SHA256),
  executable: oneOrMore(PATH),
  unit: oneOrMore(UNIT),
  capability: oneOrMore(CAPABILITY),
  gid: oneOrMore(GID),
  class: oneOrMore(wordOf(RULE_CLASSES)),
  listener: oneOrMore(wordOf(RULE_LISTENERS)),
  grant: oneOrMore(GRANT),
  audience: oneOrMore(AUDIENCE),
  scope: oneOrMore(SCOPE),
}

/** When a rule counts. */
export const WINDOW_KEYS = { hours: HOURS, days: oneOrMore(wordOf(WEEKDAYS)) }

/** What a rule gives at most. */
export const TERM_KEYS = {
  max_scope: oneOrMore(SCOPE),
  max_lifetime: LIFETIME,
  consent: CONSENT,
  rate: RATE,
  offline: TRUTH,
}

/** All keys of a `[[rule]]`. */
export const RULE_KEYS = {
  name: NAME,
  effect: wordOf(RULE_EFFECTS),
  ...SELECTOR_KEYS,
  ...WINDOW_KEYS,
  ...TERM_KEYS,
  break_glass: TRUTH,
}
