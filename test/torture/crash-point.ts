/** What the daemon does that leaves a trace on the disk or on the way to an issuer. */
export type Call = 'open' | 'write' | 'sync' | 'rename' | 'remove' | 'send' | 'answer'

/** One side of one call of the daemon, as the preload saw it. */
export interface Seen {
  readonly call: Call
  readonly when: 'before' | 'after'
  /** Path of the file, or of the address at the issuer. A rename is named by where it leads. */
  readonly target: string
  /**
   * Names of the audit events in the bytes of a write; for `send` the hash of the refresh
   * token in the form, for `answer` the status before it. Never a secret.
   */
  readonly text: string
}

/** A moment in the life of a daemon at which it is killed. */
export interface CrashPoint {
  readonly call: Call
  readonly when: 'before' | 'after'
  /** Source of a regular expression for `target`. */
  readonly target: string
  /** Source of a regular expression for `text`; default: anything. */
  readonly text?: string
  /** Counts from the first moment that fits this one; default: from when it was armed. */
  readonly since?: CrashPoint
  /** Which of the moments that fit, default the first. */
  readonly nth?: number
}

/** What the harness tells the preload. */
export type Order =
  /** What was told so far is of no interest, and here is when to die, if at a named point. */
  | { readonly kind: 'begin'; readonly point?: CrashPoint }
  /** Sets the wall clock of the daemon forward: pauses that it keeps are over then. */
  | { readonly kind: 'advance'; readonly seconds: number }

/** The line on the trace that says that an operation begins now. */
export const BEGIN = 'begin'

/** True when this is the moment, whichever time it comes round. */
export function fits(point: CrashPoint, seen: Seen): boolean {
  return (
    point.call === seen.call &&
    point.when === seen.when &&
    new RegExp(point.target).test(seen.target) &&
    new RegExp(point.text ?? '').test(seen.text)
  )
}

/** Says of every moment in turn whether it is the one to die at. */
export function trigger(point: CrashPoint): (seen: Seen) => boolean {
  let hasBegun = point.since === undefined
  let left = point.nth ?? 1
  return (seen) => {
    if (!hasBegun) {
      hasBegun = point.since !== undefined && fits(point.since, seen)
      return false
    }
    if (!fits(point, seen)) return false
    left -= 1
    return left === 0
  }
}
