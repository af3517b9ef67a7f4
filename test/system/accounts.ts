import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { COMMAND, type Run, type RunningCommand, startProgram } from '../integration/command.ts'
import { approveDevice } from '../issuers/approve.ts'
import { API_A, type TestIssuer } from '../issuers/oidc-issuer.ts'

/** Somebody with an account on the machine. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly home: string
  /** What makes a program of root's theirs. */
  readonly as: readonly string[]
  /** Starts a program as a login of theirs would. */
  start(program: string, ...args: readonly string[]): RunningCommand
  /** Starts our command. */
  grantd(...args: readonly string[]): RunningCommand
}

/** Makes an account. */
export function addAccount(name: string): Account {
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', name])
  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }))
  const home = join('/home', name)
  const environment = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    USER: name,
    LOGNAME: name,
    XDG_RUNTIME_DIR: `/run/user/${uid}`,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${uid}/bus`,
  }
  const as = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--init-groups', '--inh-caps=-all']
  const start: Account['start'] = (program, ...args) =>
    startProgram(as[0] ?? '', [...as.slice(1), program, ...args], { environment, directory: home })
  return {
    name,
    uid,
    home,
    as,
    start,
    grantd: (...args) => start(process.execPath, COMMAND, ...args),
  }
}

/** Root, who is who runs the test. */
export function asRoot(program: string, ...args: readonly string[]): RunningCommand {
  const { PATH } = process.env
  return startProgram(program, args, { environment: { PATH, HOME: '/root' }, directory: '/' })
}

/** Has the user's own manager run from now on, logged in or not, and waits for it. */
export async function linger(account: Account): Promise<void> {
  execFileSync('loginctl', ['enable-linger', account.name])
  while (!existsSync(`/run/user/${account.uid}/systemd/private`)) await pause(20)
  await account.start('systemctl', '--user', 'is-system-running', '--wait').ended
}

/** Writes a file that is theirs. */
export function writeAs({ uid }: Account, path: string, text: string | Uint8Array): void {
  writeFileSync(path, text, { mode: 0o600 })
  chownSync(path, uid, uid)
}

/** A login of `work` that its person agrees to. @returns How the command ended */
export async function logIn(
  account: Pick<Account, 'grantd'>,
  issuer: TestIssuer,
  more: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const options = {
    issuer: issuer.issuer,
    'client-id': issuer.clientId,
    scope: 'openid offline_access repo:read',
    audience: API_A,
    flow: 'device',
    ...more,
  }
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  const login = account.grantd('login', 'work', ...words)
  const userCode = await login.printed(/^\s+([A-Z]{4}-[A-Z]{4})\s*$/m)
  await approveDevice(`${issuer.issuer}/device`, { userCode })
  return await login.ended
}
