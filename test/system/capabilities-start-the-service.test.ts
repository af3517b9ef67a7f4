import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { capabilityStore } from '../../daemon/capability/capability-store.ts'
import { askSocket } from '../fakes/ask-socket.ts'
import { heard } from '../fakes/heard.ts'
import { sampleCapability } from '../fakes/sample-capability.ts'
import { underUserManager } from './user-manager.ts'

const COMMAND = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

const { HOME = '', XDG_RUNTIME_DIR = '' } = process.env
const UNITS = join(HOME, '.config', 'systemd', 'user')
const CI = join(XDG_RUNTIME_DIR, 'grantd-ci', 'ci.sock')
const NOBODYS = join(XDG_RUNTIME_DIR, 'grantd-ci', 'nobodys.sock')

const HOUR_MS = 3_600_000

/** Locked until somebody types it: then no capability ends for the want of its grant. */
const LOCKED = '[vault]\nsealing_key = "passphrase"\n'

interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function run(program: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, [...args], { encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      resolve({ status: typeof code === 'number' ? code : -1, stdout, stderr })
    })
  })
}

const grantd = (...args: readonly string[]) => run(process.execPath, COMMAND, ...args)
const systemctl = (...args: readonly string[]) => run('systemctl', '--user', ...args)

/** As docs/CAPABILITIES.md says. */
const unit = (path: string): string => `[Socket]
ListenStream=${path}
FileDescriptorName=capability
Service=grantd.service
SocketMode=0600
DirectoryMode=0700
`

underUserManager(
  'a user’s systemd holds the sockets of capabilities',
  fileURLToPath(import.meta.url),
  () => {
    t.before(async () => {
      mkdirSync(join(HOME, '.config', 'grantd'), { recursive: true, mode: 0o700 })
      const config = join(HOME, '.config', 'grantd', 'config.toml')
      writeFileSync(config, LOCKED, { mode: 0o600 })
      const store = capabilityStore(
        join(HOME, '.local', 'state', 'grantd', 'capabilities'),
        process.getuid?.() ?? -1,
      )
      const { gid: _, ...capability } = sampleCapability({ path: CI })
      await store.read() // makes its directory
      await store.write({ ...capability, expiresAt: Date.now() + HOUR_MS })
      mkdirSync(UNITS, { recursive: true })
      writeFileSync(join(UNITS, 'grantd-ci.socket'), unit(CI))
      writeFileSync(join(UNITS, 'grantd-nobodys.socket'), unit(NOBODYS))
      const installed = await grantd('service', 'install')
      if (installed.status !== 0) throw new Error(installed.stderr)
      const started = await systemctl('start', 'grantd-ci.socket', 'grantd-nobodys.socket')
      if (started.status !== 0) throw new Error(started.stderr)
    })

    t.test('a caller of a capability starts the service, and is served', async (t) => {
      t.equal((await systemctl('is-active', 'grantd.service')).stdout, 'inactive\n')
      t.match(await askSocket(CI, 'POST', '/v1/token', {}), {
        status: 423,
        json: { code: 'vault_locked' },
      })
      t.match((await grantd('status')).stdout, /bound by systemd/)
      t.match((await grantd('capability', 'list')).stdout, /\bci\b/)
    })

    t.test('a daemon whom nobody asks ends, and no caller of a capability fails', async (t) => {
      const config = join(HOME, '.config', 'grantd', 'config.toml')
      writeFileSync(config, `${LOCKED}[service]\nidle_exit = "1s"\n`)
      await systemctl('restart', 'grantd.service')
      const over = Date.now() + 8_000
      const pids = new Set<string>()
      const askNowAndThen = async (): Promise<readonly (number | string)[]> => {
        const seen: (number | string)[] = []
        while (Date.now() < over) {
          // together, so that all of them come upon the moment in which it ends
          await pause(2_000 - (Date.now() % 2_000) + Math.random() * 60)
          seen.push(await outcome())
          pids.add((await systemctl('show', '--value', '-p', 'MainPID', 'grantd.service')).stdout)
        }
        return seen
      }
      const seen = (await Promise.all([1, 2, 3, 4].map(askNowAndThen))).flat()
      t.same([...new Set(seen)], [423], `${seen.length} requests`)
      t.ok(pids.size > 1, `${pids.size} daemons`)
      writeFileSync(config, LOCKED)
      await systemctl('restart', 'grantd.service')
    })

    t.test('whoever asks for one that is not there waits for nothing', async (t) => {
      t.equal(await heard(NOBODYS), 'hung up')
      t.equal((await grantd('capability', 'remove', 'ci')).status, 0)
      t.equal(await heard(CI), 'hung up')
      t.ok(existsSync(CI), 'its file is systemd’s')
      t.equal((await systemctl('stop', 'grantd.service')).status, 0)
      t.equal(await heard(CI), 'hung up', 'by a daemon that was started for it')
    })

    t.test('the units of the installation stay the only ones of ours', async (t) => {
      t.equal((await grantd('service', 'uninstall')).status, 0)
      t.ok(existsSync(join(UNITS, 'grantd-ci.socket')))
    })
  },
)

/** The status of an answer on the socket of the capability, or the word of the system for why there was none. */
async function outcome(): Promise<number | string> {
  try {
    return (await askSocket(CI, 'POST', '/v1/token', {})).status
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}
