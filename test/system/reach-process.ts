import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import koffi from 'koffi'

const library = koffi.load(null)
const syscall = library.func(
  'long syscall(long number, long a, long b, long c, long d, long e, long f)',
) as (...args: [number, number, number, number, number, number, number]) => number

const readv = library.func(
  'long process_vm_readv(int pid, const void *local, unsigned long locals, const void *remote, unsigned long remotes, unsigned long flags)',
) as (...args: [number, Buffer, number, Buffer, number, number]) => number

/** Numbers of Linux. */
const PTRACE = { x64: 101, arm64: 117 }
const PIDFD_OPEN = 434
const PIDFD_GETFD = 438
const KCMP = { x64: 312, arm64: 272 }
const KCMP_VM = 1
const PTRACE_ATTACH = 16
const PTRACE_SEIZE = 0x4206

/** What of a process nobody else has a business with, each with how to get at it. */
const SECRET_FILES: readonly (readonly [file: string, look: (path: string) => unknown])[] = [
  ['mem', (path) => closeSync(openSync(path, constants.O_RDONLY))],
  ['environ', (path) => readFileSync(path)],
  ['maps', (path) => readFileSync(path)],
  ['smaps', (path) => readFileSync(path)],
  ['auxv', (path) => readFileSync(path)],
  ['fd', (path) => readdirSync(path)],
  ['map_files', (path) => readdirSync(path)],
  ['exe', (path) => readlinkSync(path)],
  ['cwd', (path) => readlinkSync(path)],
  ['root', (path) => readlinkSync(path)],
]

/** Whether it can be had, or the system's word for why not. */
export function outcome(act: () => unknown): string {
  try {
    act()
    return 'open'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

/** Of each of its files, `open` or the system's word for why not. */
export function outcomes(pid: number): Readonly<Record<string, string>> {
  const below = (path: string) =>
    SECRET_FILES.map(([file, look]) => [
      `${path}${file}`,
      outcome(() => look(`/proc/${pid}/${path}${file}`)),
    ])
  return Object.fromEntries(
    [...below(''), ...below(`task/${pid}/`)].filter(([file]) => file !== `task/${pid}/map_files`),
  )
}

/** Tries to become its debugger. @returns Each 0, or the number of the error */
export function attached(pid: number): readonly number[] {
  const number = PTRACE[process.arch as keyof typeof PTRACE]
  return [PTRACE_ATTACH, PTRACE_SEIZE].map((request) =>
    syscall(number, request, pid, 0, 0, 0, 0) < 0 ? koffi.errno() : 0,
  )
}

/** Reads where nothing can be mapped: whoever may read at all gets EFAULT. */
export function readError(pid: number): number {
  const local = Buffer.alloc(16)
  local.writeBigUInt64LE(koffi.address(Buffer.alloc(8)), 0)
  local.writeBigUInt64LE(8n, 8)
  const remote = Buffer.alloc(16)
  remote.writeBigUInt64LE(8n, 8)
  return readv(pid, local, 1, remote, 1, 0) < 0 ? koffi.errno() : 0
}

/** A copy of a descriptor of the other process. @returns 0, or the number of the error */
export function takenDescriptor(pid: number): number {
  const pidfd = syscall(PIDFD_OPEN, pid, 0, 0, 0, 0, 0)
  const fd = syscall(PIDFD_GETFD, pidfd, 0, 0, 0, 0, 0)
  const errno = fd < 0 ? koffi.errno() : 0
  closeSync(pidfd)
  if (fd >= 0) closeSync(fd)
  return errno
}

/** Asks the kernel whether the other process has our memory. @returns 0, or the number of the error */
export function compareError(pid: number): number {
  const number = KCMP[process.arch as keyof typeof KCMP]
  return syscall(number, process.pid, pid, KCMP_VM, 0, 0, 0) < 0 ? koffi.errno() : 0
}
