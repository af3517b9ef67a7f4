/**
 * The pid of a process in the innermost of its pid namespaces. Lines are told apart by the
 * line feed alone, which the kernel escapes in a command name; a carriage return it does
 * not.
 *
 * @param text `/proc/<pid>/status`, one character a byte.
 * @returns `undefined` when no line says so.
 * @see proc_pid_status(5) NSpid
 */
export function parseNsPid(text: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith('NSpid:\t'))
  const pid = /\t(\d{1,10})$/.exec(line ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}
