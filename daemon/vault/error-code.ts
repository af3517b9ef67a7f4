/** `ENOSPC` and its like: the one word of a system's error that may be shown. */
export function errorCode(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? code : 'unknown error'
}
