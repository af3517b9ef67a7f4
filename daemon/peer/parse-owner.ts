/**
 * The effective uid and gid of a process, which are those it would connect with.
 *
 * @param text `/proc/<pid>/status`, one character a byte.
 * @returns `undefined` when it does not say so.
 * @see proc_pid_status(5): real, effective, saved and file system ids
 */
export function parseOwner(
  text: string,
): { readonly uid: number; readonly gid: number } | undefined {
  const [uid, gid] = ['Uid', 'Gid'].map((name) => {
    // the kernel escapes a line feed in a command name, and nothing else
    const line = text.split('\n').find((one) => one.startsWith(`${name}:\t`)) ?? ''
    return /^\w+:\t\d{1,10}\t(\d{1,10})\t/.exec(line)?.[1]
  })
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}
