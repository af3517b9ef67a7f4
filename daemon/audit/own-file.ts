import type { Stats } from 'node:fs'
import { GrantdError } from '@grantd/client/protocol'

/**
 * Who can write to the log can change what happened, and who can read it knows what it says.
 *
 * @throws GrantdError `audit_unavailable`
 */
export function requireOwnFile(stats: Stats, path: string, uid: number): void {
  const mode = stats.mode & 0o777
  if (!stats.isFile()) throw unusable(`"${path}" is not a file`, `move "${path}" away`)
  if (stats.uid !== uid)
    throw unusable(`"${path}" belongs to uid ${stats.uid}`, `move "${path}" away`)
  if ((mode & 0o077) !== 0)
    throw unusable(
      `"${path}" is open to others (mode ${mode.toString(8)})`,
      `see who wrote to it, then: chmod 600 "${path}"`,
    )
}

/** What a person has to put right before there is a log. */
export function unusable(what: string, hint: string): GrantdError {
  return new GrantdError('audit_unavailable', `the audit log cannot be used: ${what}`, { hint })
}

/** Runs `work`; an error of a system call becomes what callers are told. */
export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unavailable(error)
  }
}

/** What callers are told of an error. */
export function unavailable(error: unknown): GrantdError {
  if (error instanceof GrantdError) return error
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new GrantdError('audit_unavailable', `the audit log cannot be written: ${code}`)
}
