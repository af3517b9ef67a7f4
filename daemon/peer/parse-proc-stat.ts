/** What `/proc/<pid>/stat` says, as far as we ask. */
export interface ProcessStat {
  /** One letter: `Z` and `X` have ended. */
  readonly state: string
  readonly parentPid: number
  /** Device number of the controlling terminal; 0: none. */
  readonly terminal: number
  /** Clock ticks since boot when it started. */
  readonly startTime: string
  /**
   * Where its code and its stack lie. The kernel chooses anew with every execve(2), so
   * that an interpreter which executes itself differs too; `0 0 0` or `1 1 0` when it
   * does not tell us.
   */
  readonly image: string
}

/** Where the fields lie behind the command name; proc_pid_stat(5) counts the state as 3. */
const STATE = 0
const PARENT = 1
const TERMINAL = 4
/** Of the start time, counted like the others. */
export const START_TIME = 19
/** Of where the code begins, the first of the image. */
export const CODE = 23
const STACK = 25

/**
 * The command name may hold spaces, parentheses and line ends, so counting starts after
 * the last parenthesis.
 *
 * @param text The whole file, one character a byte.
 * @returns `undefined` when the text is not of that form.
 * @see proc_pid_stat(5)
 */
export function parseProcStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(')')
  if (end < 0) return undefined
  const fields = text.slice(end + 2).split(' ')
  const { [STATE]: state = '', [START_TIME]: startTime = '' } = fields
  const image = fields.slice(CODE, STACK + 1)
  const numbers = [startTime, fields[PARENT] ?? '', ...image]
  if (!/^[A-Za-z]$/.test(state) || image.length < 3) return undefined
  if (!numbers.every((field) => /^\d+$/.test(field))) return undefined
  // a signed number in the file: a minor number of 12 bits and more sets the uppermost
  const terminal = Number(fields[TERMINAL]) >>> 0
  return { state, parentPid: Number(fields[PARENT]), terminal, startTime, image: image.join(' ') }
}

/**
 * True when both tell of one living process that runs one program: one that is dead and not
 * yet forgotten is none, and one that called execve() is another.
 */
export function isSameProcess(
  before: ProcessStat | undefined,
  now: ProcessStat | undefined,
): boolean {
  return (
    before !== undefined &&
    now !== undefined &&
    !/[ZX]/.test(now.state) &&
    now.startTime === before.startTime &&
    now.image === before.image
  )
}
