import koffi from 'koffi'
import { SystemCallError } from './system-call-error.ts'

/** Where it has to be named. Elsewhere the symbols of the running process serve glibc and musl. */
const NAMED: Partial<Record<NodeJS.Platform, string>> = { darwin: '/usr/lib/libSystem.B.dylib' }

/** The C library. */
export const library = koffi.load(NAMED[process.platform] ?? null)

/** Why the last call of this thread failed. @param call Its name. */
export function failure(call: string): SystemCallError {
  return new SystemCallError(call, koffi.errno())
}

/** What a call returned. @throws SystemCallError when it is below 0, as the C library says no */
export function succeeded(call: string, result: number): number {
  if (result < 0) throw failure(call)
  return result
}
