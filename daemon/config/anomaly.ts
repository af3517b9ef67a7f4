import type { TimeWindow } from './rule.ts'
import { WINDOW_KEYS } from './rule-keys.ts'
import type { ValueKind } from './value-kind.ts'

/** What is said of things out of the ordinary. */
export interface AnomalyConfig {
  /** A program that is run for each, and its arguments; absent: none. */
  readonly hook?: readonly string[]
  /** When tokens are used; absent: what each grant's own habit says. */
  readonly window?: TimeWindow
}

/** More than any hook needs: who has more to say writes a script. */
const MAX_WORDS = 16

/** A program and its arguments, which no shell looks at. */
const COMMAND: ValueKind<readonly string[]> = {
  wish: `a list of an absolute path and up to ${MAX_WORDS - 1} arguments without control characters`,
  read: (value) => {
    if (!Array.isArray(value) || value.length > MAX_WORDS) return undefined
    const words = value.filter(
      (word) => typeof word === 'string' && /^[^\p{Cc}]{1,1024}$/u.test(word),
    )
    const [program] = words as readonly string[]
    const isWhole = words.length === value.length && program !== undefined
    return isWhole && /^\/./.test(program) ? (words as readonly string[]) : undefined
  },
}

/** The keys of the table `anomaly`. */
export const ANOMALY_KEYS = { hook: COMMAND, ...WINDOW_KEYS }

/** What a checked table `anomaly` says. */
export function readAnomaly(members: Readonly<Record<string, unknown>>): AnomalyConfig {
  const hook = COMMAND.read(members['hook'])
  const hours = WINDOW_KEYS.hours.read(members['hours'])
  const days = WINDOW_KEYS.days.read(members['days'])
  const window = { ...(hours !== undefined && { hours }), ...(days !== undefined && { days }) }
  return {
    ...(hook !== undefined && { hook }),
    ...(Object.keys(window).length > 0 && { window }),
  }
}
