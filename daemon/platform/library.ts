import koffi from 'koffi'
import { SystemCallError } from './system-call-error.ts'

/**
 * The C library. Null stands for the symbols of the running process, so that one line
 * serves glibc and musl.
 */
export const library = koffi.load(
  process.platform === 'darwin' ? '/usr/lib/libSystem.B.dylib' : null,
)

/** Why the last call of this thread failed. @param call Its name. */
export function failure(call: string): SystemCallError {
  return new SystemCallError(call, koffi.errno())
}

/** What a call returned. @throws SystemCallError when it is below 0, as the C library says no */
export function succeeded(call: string, result: number): number {
  if (result < 0) throw failure(call)
  return result
}
