import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { afterChange, writePolicy } from '../integration/policy-file.ts'
import { startWorld } from '../integration/world.ts'
import { needsNamespaces, UNSHARE } from './namespaces.ts'

/** Set where we are already inside; it names the mount namespace we came from. */
const OUTSIDE = 'GRANTD_TEST_OUTSIDE_MOUNTS'

const mounts = (): string => readlinkSync('/proc/self/ns/mnt')

const FILE = '/etc/grantd/config.toml'

/**
 * Nothing of the machine's own `/etc` is touched: ours lies over it, for our processes alone.
 *
 * @throws Error where it would lie over it for everybody
 */
function ownEtc(directory: string, outside: string): void {
  if (!/^mnt:\[\d+\]$/.test(outside) || mounts() === outside)
    throw new Error('these mounts are those of the whole machine')
  const etc = join(directory, 'etc')
  mkdirSync(etc)
  for (const name of ['passwd', 'group', 'nsswitch.conf', 'hosts', 'machine-id', 'localtime'])
    execFileSync('/bin/sh', ['-c', `cp -L "/etc/${name}" "${etc}/" 2>/dev/null || :`])
  mkdirSync(join(etc, 'grantd'))
  execFileSync('mount', ['--bind', etc, '/etc'])
}

function promises(outside: string): void {
  t.test('the command reads the file of the system, and no option leads past it', async (t) => {
    ownEtc(t.testdir(), outside)
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    const ask = () => world.token({ grant: 'work' })
    t.equal((await ask()).status, 200)

    writeFileSync(FILE, '[[rule]]\nname = "no"\neffect = "deny"\ngrant = "work"\n', { mode: 0o644 })
    writePolicy(world, '[[rule]]\nname = "yes"\neffect = "allow"\ngrant = "work"\n')
    t.match(await afterChange(ask), { status: 403, body: { code: 'access_denied' } })
    const told = await world.run(['policy', 'explain', '--grant=work', `--pid=${process.pid}`])
    t.match(told.stdout, /^denied by "system:no"/)

    chmodSync(FILE, 0o666)
    t.match(await afterChange(ask), {
      status: 503,
      body: { code: 'config_invalid', detail: `${FILE}: can be written by others; chmod go-w` },
    })
    chmodSync(FILE, 0o644)
    writeFileSync(FILE, '')
    t.equal((await afterChange(ask)).status, 200)
    await world.restart()
    writeFileSync(FILE, '[[rule]]\n')
    t.match(await afterChange(ask), { status: 503 }, 'also after a restart')
    t.match(await world.run(['policy', 'check']), {
      status: 2,
      stderr: `${FILE}:1:3: a rule needs a "name"\n`,
    })
  })
}

const outside = process.env[OUTSIDE]
if (outside === undefined) {
  // private: what is mounted inside is seen by nobody outside
  const [program, ...args] = [...UNSHARE, '--mount', '--propagation=private', process.execPath]
  t.test('the file of the system lies in /etc', needsNamespaces(), (t) =>
    t.spawn(program, [...args, fileURLToPath(import.meta.url)], {
      env: { ...process.env, [OUTSIDE]: mounts() },
    }),
  )
} else {
  promises(outside)
}
