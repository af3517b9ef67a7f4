import type { ServiceCommands } from './service-commands.ts'
import { UsageError } from './usage-error.ts'

/** An account of this machine. */
export interface User {
  readonly name: string
  readonly uid: number
}

/** What nothing in a unit or an account file has a meaning in. */
const PLAIN_NAME = /^[a-z_][\w.-]*$/i

/** The number of an account that may be gone. */
const UID = /^[1-9]\d{0,9}$/

/**
 * As {@link userNamed}, and a number means somebody whose account was removed: what was set up
 * for them is there still, and would be whose ever gets the number next.
 */
export async function userOnceNamed(
  user: string,
  commands: Pick<ServiceCommands, 'ask'>,
): Promise<User> {
  const isGone = UID.test(user) && (await accountOf(user, commands)) === ''
  return isGone ? { name: user, uid: Number(user) } : await userNamed(user, commands)
}

/**
 * Whom a name or a number means, by whatever tells this machine of its accounts.
 *
 * @throws UsageError when that is nobody, or root, who needs no wall
 */
export async function userNamed(
  user: string,
  commands: Pick<ServiceCommands, 'ask'>,
): Promise<User> {
  const [name = '', , uid = ''] = (await accountOf(user, commands)).split(':')
  if (!/^\d+$/.test(uid)) throw new UsageError(`there is no user "${user}"`)
  if (Number(uid) === 0) throw new UsageError('root can read every daemon; choose another user')
  if (!PLAIN_NAME.test(name)) throw new UsageError(`no service can be written for "${name}"`)
  return { name, uid: Number(uid) }
}

/** Its line; none where there is no such account. */
async function accountOf(user: string, commands: Pick<ServiceCommands, 'ask'>): Promise<string> {
  // getent(1) would take what begins with a dash for an option
  return (await commands.ask('getent', 'passwd', '--', user)).stdout.trim()
}
