import { type NamedSocket, refused } from './inherited-sockets.ts'

/** First descriptor after the standard streams, sd_listen_fds(3). */
const FIRST_FD = 3

const VARIABLES = ['LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PID']

/**
 * What systemd has handed over. The variables are removed, so that no program we start takes
 * the sockets for its own.
 *
 * @param environment Ours; changed.
 * @throws StartupError where there are not as many names as sockets
 * @see sd_listen_fds(3), systemd.socket(5) FileDescriptorName=
 */
export function systemdSockets(
  environment: NodeJS.ProcessEnv,
  pid: number,
): readonly NamedSocket[] {
  const [count, names, forPid] = VARIABLES.map((name) => environment[name] ?? '')
  for (const name of VARIABLES) delete environment[name]
  if (forPid !== String(pid) || count === '0') return []
  const list = (names ?? '').split(':')
  if (list.length !== Number(count))
    throw refused(`${count} sockets were handed over with ${list.length} names`)
  return list.map((name, index) => ({ name, fd: FIRST_FD + index }))
}
