/**
 * Start time of a process, field 22 of `/proc/<pid>/stat`, in clock ticks since
 * boot. The command name may hold spaces and parentheses, so counting starts after
 * the last one.
 *
 * @returns `undefined` when the text is not of that form.
 * @see proc_pid_stat(5)
 */
export function parseStartTime(stat: string): string | undefined {
  const end = stat.lastIndexOf(')')
  if (end < 0) return undefined
  const field = stat.slice(end + 2).split(' ')[19]
  return field !== undefined && /^\d+$/.test(field) ? field : undefined
}
