import { library } from './library.ts'

/** What the system has agreed to. */
export interface Hardened {
  /** No other process of our uid can read our memory, environment or descriptors, or attach to us. */
  readonly isClosed: boolean
  /** A crash writes no memory to disk. */
  readonly writesNoCore: boolean
}

const setrlimit = library.func('int setrlimit(int resource, const void *limits)') as (
  resource: number,
  limits: Buffer,
) => number

/** Linux prctl(2). */
const PR_SET_DUMPABLE = 4
const PR_CAP_AMBIENT = 47
const PR_CAP_AMBIENT_CLEAR_ALL = 4
/** macOS ptrace(2), not run there yet. */
const PT_DENY_ATTACH = 31
/** The same number on Linux and macOS, getrlimit(2). */
const RLIMIT_CORE = 4
/** Two 64-bit numbers: what counts now, and what may be asked for. */
const LIMITS_BYTES = 16

/**
 * Closes this process to the others of its uid, and forbids core dumps. It holds for this
 * process and until it runs another program; whoever is root still reads everything. A right
 * that we were started with, such as to look at the programs of another uid, passes to no
 * program that we start.
 *
 * @see prctl(2) PR_SET_DUMPABLE, ptrace(2), proc(5), capabilities(7) "Ambient"
 */
export function hardenProcess(): Hardened {
  return {
    isClosed: closeToOthers(),
    writesNoCore: setrlimit(RLIMIT_CORE, Buffer.alloc(LIMITS_BYTES)) === 0,
  }
}

function closeToOthers(): boolean {
  /* c8 ignore next 6 -- only a Mac comes here, and the tests have not run on one */
  if (process.platform === 'darwin') {
    const ptrace = library.func('int ptrace(int request, int pid, void *address, int data)') as (
      ...args: [number, number, null, number]
    ) => number
    return ptrace(PT_DENY_ATTACH, 0, null, 0) === 0
  }
  const prctl = library.func(
    'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
  ) as (...args: [number, number, number, number, number]) => number
  // older kernels know no such rights, and there are none then
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) === 0
}
