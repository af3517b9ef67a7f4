import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { afterChange, writePolicy } from '../integration/policy-file.ts'
import { startWorld } from '../integration/world.ts'
import { needsNamespaces } from './namespaces.ts'
import { inOwnMounts } from './own-mounts.ts'

const FILE = '/etc/grantd/config.toml'

/** Nothing of the machine's own `/etc` is touched: ours lies over it, for our processes alone. */
function ownEtc(directory: string): void {
  const etc = join(directory, 'etc')
  mkdirSync(etc)
  for (const name of ['passwd', 'group', 'nsswitch.conf', 'hosts', 'machine-id', 'localtime'])
    execFileSync('/bin/sh', ['-c', `cp -L "/etc/${name}" "${etc}/" 2>/dev/null || :`])
  mkdirSync(join(etc, 'grantd'))
  execFileSync('mount', ['--bind', etc, '/etc'])
}

function promises(): void {
  t.test('the command reads the file of the system, and no option leads past it', async (t) => {
    ownEtc(t.testdir())
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

inOwnMounts(
  'the file of the system lies in /etc',
  fileURLToPath(import.meta.url),
  needsNamespaces(),
  promises,
)
