import { GrantdUnreachableError } from './unreachable.ts'

/**
 * What it means that a socket could not be looked at or connected to.
 *
 * @param error What the system call threw; only its `code` is read.
 * @see connect(2)
 */
export function notRunning(path: string, error: unknown): GrantdUnreachableError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return new GrantdUnreachableError(
      'not_running',
      `no daemon listens on "${path}"`,
      'start it: grantd serve',
    )
  // Linux: the daemon is there, its queue of connections is full.
  if (code === 'EAGAIN')
    return new GrantdUnreachableError('lost', `the daemon on "${path}" is too busy to connect to`)
  return new GrantdUnreachableError('not_running', `cannot connect to "${path}" (${code})`)
}
