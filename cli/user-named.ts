import type { ServiceCommands } from './service-commands.ts'
import { UsageError } from './usage-error.ts'

/** An account of this machine. */
export interface User {
  readonly name: string
  readonly uid: number
}

/** What nothing in a unit or an account file has a meaning in. */
const PLAIN_NAME = /^[a-z_][\w.-]*$/i

/**
 * Whom a name or a number means, by whatever tells this machine of its accounts.
 *
 * @throws UsageError when that is nobody, or root, who needs no wall
 */
export async function userNamed(
  user: string,
  commands: Pick<ServiceCommands, 'ask'>,
): Promise<User> {
  // getent(1) would take what begins with a dash for an option
  const { stdout } = await commands.ask('getent', 'passwd', '--', user)
  const [name = '', , uid = ''] = stdout.trim().split(':')
  if (!/^\d+$/.test(uid)) throw new UsageError(`there is no user "${user}"`)
  if (Number(uid) === 0) throw new UsageError('root can read every daemon; choose another user')
  if (!PLAIN_NAME.test(name)) throw new UsageError(`no service can be written for "${name}"`)
  return { name, uid: Number(uid) }
}
