/**
 * The type of the file system an open file lies on, without a question to that file system.
 *
 * @param fdinfo `/proc/self/fdinfo/<fd>`.
 * @param mountinfo `/proc/self/mountinfo`.
 * @returns `undefined` when it is mounted nowhere we can see, such as in a container.
 * @see proc_pid_mountinfo(5): id, parent, device, root, mount point, options, tags, `-`, type
 */
export function mountType(fdinfo: string, mountinfo: string): string | undefined {
  const id = /^mnt_id:\t(\d+)$/m.exec(fdinfo)?.[1]
  if (id === undefined) return undefined
  const line = mountinfo.split('\n').find((one) => one.startsWith(`${id} `))
  // spaces within a path are written as octal escapes
  return line?.split(' - ')[1]?.split(' ')[0]
}

/**
 * True for a file system whose server is a program of anybody, which answers when it
 * likes: a read from it can take a thread away for good.
 */
export function isServedByProgram(type: string): boolean {
  return type.startsWith('fuse')
}
