/** Units that hold processes. systemd writes 255 characters at most. */
const UNIT = /^(?=.{1,255}$)[\w:.\\@-]+\.(?:service|scope|socket|mount|swap)$/

/** Its own processes and its units lie below; which of them it is says the next part. */
const USER_MANAGER = /^user@\d+\.service$/

/**
 * The systemd unit of a process: the first part of its path that is no slice, and below a
 * user's service manager the first one after that. What a unit makes below itself it names
 * as it likes, so nothing further down counts.
 *
 * @param text `/proc/<pid>/cgroup`, one character a byte.
 * @returns `undefined` outside of units, and without the unified hierarchy.
 * @see cgroups(7)
 */
export function parseUnit(text: string): string | undefined {
  const paths = text.split('\n').filter((line) => line.startsWith('0::/'))
  if (paths.length !== 1) return undefined
  const parts = (paths[0] ?? '').slice('0::/'.length).split('/')
  const first = firstUnit(parts)
  if (first === undefined || !USER_MANAGER.test(first)) return first
  return firstUnit(parts.slice(parts.indexOf(first) + 1)) ?? first
}

function firstUnit(parts: readonly string[]): string | undefined {
  const found = parts.find((part) => !part.endsWith('.slice')) ?? ''
  // systemd puts a line before a name that could be one of the kernel's files
  const name = found.startsWith('_') ? found.slice(1) : found
  return UNIT.test(name) ? name : undefined
}
