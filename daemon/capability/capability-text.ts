import { PATTERNS } from '@grantd/client/protocol'
import type { Capability } from './capability.ts'

/** Counts up with every change that an older daemon could misread. */
const FORMAT = 1

const NAME = new RegExp(PATTERNS.grantName)

/** What lies on disk of a capability that no process binds. */
export function formatCapability(capability: Capability): string {
  return `${JSON.stringify({ format: FORMAT, ...capability })}\n`
}

/**
 * Reads it again. Nothing is guessed: a member that is missing, unknown or of another kind
 * could have been a cap.
 *
 * @returns `undefined` when the text is not of that form.
 */
export function parseCapability(text: string): Capability | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined // cut short, or not ours
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { format, ...members } = value as Readonly<Record<string, unknown>>
  if (format !== FORMAT) return undefined
  const names = Object.keys(members)
  if (names.some((name) => !Object.hasOwn(KINDS, name))) return undefined
  const isWhole = Object.entries(KINDS).every(([name, { is, isNeeded }]) =>
    Object.hasOwn(members, name) ? is(members[name]) : !isNeeded,
  )
  return isWhole ? (members as unknown as Capability) : undefined
}

interface Kind {
  readonly is: (value: unknown) => boolean
  readonly isNeeded: boolean
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

/** What a file may hold: never a bound one, and never a gap where a cap should be. */
const KINDS: Readonly<Record<Exclude<keyof Capability, 'bound'>, Kind>> = {
  name: { is: (value) => isText(value) && NAME.test(String(value)), isNeeded: true },
  grant: { is: isText, isNeeded: true },
  grantId: { is: isText, isNeeded: true },
  scope: { is: (value) => Array.isArray(value) && value.every(isText), isNeeded: true },
  audience: { is: isText, isNeeded: false },
  maxTtlSeconds: { is: isCount, isNeeded: true },
  uses: { is: isCount, isNeeded: false },
  used: { is: isCount, isNeeded: true },
  createdAt: { is: isCount, isNeeded: true },
  expiresAt: { is: isCount, isNeeded: true },
  path: { is: (value) => isText(value) && String(value).startsWith('/'), isNeeded: true },
  gid: { is: isCount, isNeeded: false },
}
