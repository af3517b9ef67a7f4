import { constants } from 'node:os'
import koffi from 'koffi'
import { closeOnExec } from './libc.ts'
import { library } from './library.ts'
import { SystemCallError } from './system-call-error.ts'

const PROTOTYPE =
  'int launch_activate_socket(const char *name, _Out_ void **descriptors, _Out_ size_t *count)'

const free = library.func('void free(void *memory)') as (memory: unknown) => void

/** Of macOS and of Linux: no socket of that name, and no job of launchd that we are. */
const NOTHING: readonly number[] = [constants.errno.ENOENT, constants.errno.ESRCH]

/**
 * The sockets that launchd has bound under one name of `Sockets` in our agent; no program that we
 * start gets them. Each name can be asked for once in the life of a process. Not run on a Mac yet.
 *
 * @param path Library to ask in place of the system's own, for tests of the call itself.
 * @returns Descriptors, which are the caller's; none where there is no such name, or no launchd.
 * @throws SystemCallError
 * @see launch_activate_socket(3)
 */
export function launchSockets(name: string, path?: string): readonly number[] {
  const from = path === undefined ? library : koffi.load(path)
  // not before somebody asks: other systems have no such call
  const activate = from.func(PROTOTYPE) as (
    name: string,
    descriptors: [unknown],
    count: [number],
  ) => number
  const found: [unknown] = [null]
  const count: [number] = [0]
  const errno = activate(name, found, count)
  if (NOTHING.includes(errno)) return []
  if (errno !== 0) throw new SystemCallError('launch_activate_socket', errno)
  try {
    const descriptors = Array.from(koffi.decode(found[0], 'int', count[0]) as Iterable<number>)
    for (const fd of descriptors) closeOnExec(fd)
    return descriptors
  } finally {
    free(found[0])
  }
}
