import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { needs } from '../needs.ts'

/** What a session bus with a keyring on it takes. */
export const DESKTOP = needs('dbus-daemon', 'dbus-send', 'gnome-keyring-daemon', 'libsecret-1.so.0')

/** Nothing is started by the bus itself, so that every process is one of ours. */
function busWithoutServices(address: string): string {
  return `<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`
}

/** A home of its own with a session bus of its own. */
export interface Desktop {
  readonly state: string
  readonly environment: NodeJS.ProcessEnv
}

export async function startBus(t: Test): Promise<Desktop> {
  const home = mkdtempSync(join(tmpdir(), 'grantd-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const address = `unix:path=${join(home, 'bus')}`
  const config = join(home, 'bus.conf')
  writeFileSync(config, busWithoutServices(address))
  const environment = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_RUNTIME_DIR: home,
    DBUS_SESSION_BUS_ADDRESS: address,
  }
  const args = ['--nofork', '--nosyslog', '--print-address', '--config-file', config]
  const bus = spawn('dbus-daemon', args, {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(() => ended(bus))
  const died = once(bus, 'exit').then(() => Promise.reject(new Error('no bus')))
  await Promise.race([once(bus.stdout, 'data'), died])
  return { state: join(home, 'state'), environment }
}

/** Starts gnome-keyring, waits until it serves the bus, and ends it when the test ends. */
export async function startKeyring(
  t: Test,
  { environment }: Desktop,
  ...how: string[]
): Promise<ChildProcess> {
  const keyring = spawn('gnome-keyring-daemon', ['--foreground', '--components=secrets', ...how], {
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  t.teardown(() => ended(keyring))
  keyring.stdin.end('password of the keyring')
  while (!(await isServed(environment)))
    if (keyring.exitCode !== null) throw new Error('gnome-keyring has ended')
  return keyring
}

/** True once somebody answers for the Secret Service. */
async function isServed(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const args = [
    '--session',
    '--print-reply=literal',
    '--dest=org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.NameHasOwner',
    'string:org.freedesktop.secrets',
  ]
  const { stdout } = await promisify(execFile)('dbus-send', args, { env: environment })
  return stdout.includes('boolean true')
}

export async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
