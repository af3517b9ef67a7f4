import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { askSocket } from '../fakes/ask-socket.ts'
import { COMMAND, type Run, type RunningCommand, startProgram } from '../integration/command.ts'

const { HOME = '', XDG_RUNTIME_DIR = '' } = process.env

/** The service of the user whom a test runs as. */
export const BROKER = join(XDG_RUNTIME_DIR, 'grantd', 'broker.sock')
export const UNITS = join(HOME, '.config', 'systemd', 'user')
export const CONFIG = join(HOME, '.config', 'grantd', 'config.toml')

const HERE = { environment: process.env, directory: HOME }

export function run(program: string, ...args: readonly string[]): Promise<Run> {
  return startProgram(program, args, HERE).ended
}

export function startGrantd(...args: readonly string[]): RunningCommand {
  return startProgram(process.execPath, [COMMAND, ...args], HERE)
}

export const grantd = (...args: readonly string[]): Promise<Run> => startGrantd(...args).ended

export const systemctl = (...args: readonly string[]): Promise<Run> =>
  run('systemctl', '--user', ...args)

/** Has the service run with more options, and with a sealing key that outlives it. */
export async function changeService(...options: readonly string[]): Promise<void> {
  const key = join(HOME, 'sealing-key')
  if (!existsSync(key)) writeFileSync(key, randomBytes(32), { mode: 0o600 })
  const unit = readFileSync(join(UNITS, 'grantd.service'), 'utf8')
  const [exec = ''] = /^ExecStart=.*$/m.exec(unit) ?? []
  const lines = ['[Service]', 'LoadCredential=grantd-sealing-key:%h/sealing-key', 'ExecStart=']
  const dropIn = join(UNITS, 'grantd.service.d')
  mkdirSync(dropIn, { recursive: true })
  const text = [...lines, [exec, ...options].join(' '), ''].join('\n')
  writeFileSync(join(dropIn, 'changed.conf'), text)
  await systemctl('daemon-reload')
}

export async function property(name: string, unit = 'grantd.service'): Promise<string> {
  return (await systemctl('show', '--value', `--property=${name}`, unit)).stdout.trim()
}

export const health = (path = BROKER) => askSocket(path, 'GET', '/v1/health')

/** The status of an answer, or the word of the system for why there was none. */
export async function outcome(path = BROKER): Promise<number | string> {
  try {
    return (await health(path)).status
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}
