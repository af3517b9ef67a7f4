import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readService } from '../../../cli/doctor/service-facts.ts'
import { FakeWorld } from '../../fakes/cli-world.ts'

const NOWHERE = {
  booted: '/nonexistent/system',
  linger: '/nonexistent/linger',
  proc: '/nonexistent/proc',
  sys: '/nonexistent/sys',
  systemctl: '/nonexistent/systemctl',
}

const MARK = '# Written by `grantd service install`; changes are lost with the next one.\n'

function home(t: Test): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'grantd-home-')))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  mkdirSync(join(path, '.config/systemd/user'), { recursive: true })
  return path
}

function unitPath(home: string): string {
  return join(home, '.config/systemd/user/grantd.service')
}

t.test('what a unit starts, without the links on the way', async (t) => {
  const HOME = home(t)
  writeFileSync(join(HOME, 'node-20'), '')
  symlinkSync('node-20', join(HOME, 'node'))
  const path = unitPath(HOME)
  writeFileSync(path, `${MARK}[Service]\nExecStart="${HOME}/node" "${HOME}/main.js" "serve"\n`)
  const program = { node: join(HOME, 'node'), script: join(HOME, 'main.js') }
  const facts = await readService(new FakeWorld({ env: { HOME }, program }), NOWHERE)
  t.same(facts, {
    unit: {
      kind: 'present',
      path,
      isOurs: true,
      command: {
        program: { path: join(HOME, 'node'), target: join(HOME, 'node-20') },
        script: { path: join(HOME, 'main.js') },
      },
    },
    node: join(HOME, 'node-20'),
    isRemote: true,
  })
})

t.test('units of other people, none, and what is none', async (t) => {
  const HOME = home(t)
  const path = unitPath(HOME)
  const unitIn = async (env: Record<string, string>) =>
    (await readService(new FakeWorld({ env }), NOWHERE)).unit
  t.same(await unitIn({ HOME }), { kind: 'missing' })
  t.same(await unitIn({}), { kind: 'missing' })
  writeFileSync(path, '[Service]\nExecStart=/nonexistent/grantd serve\n')
  const other = {
    kind: 'present',
    path,
    isOurs: false,
    command: { program: { path: '/nonexistent/grantd' } },
  }
  t.same(await unitIn({ HOME }), other)
  t.same(await unitIn({ HOME: '/nonexistent', XDG_CONFIG_HOME: join(HOME, '.config') }), other)
  t.same(await unitIn({ HOME, XDG_CONFIG_HOME: 'relative' }), other, 'as XDG demands')
  writeFileSync(path, MARK)
  t.same(await unitIn({ HOME }), { kind: 'present', path, isOurs: true })
  rmSync(path)
  mkdirSync(path)
  t.same(await unitIn({ HOME }), { kind: 'unreadable', path, detail: 'not a file' })
})

t.test('the service manager is asked, if there is one', async (t) => {
  const HOME = home(t)
  const systemctl = join(HOME, 'systemctl')
  const script = '#!/bin/sh\necho "Id=$2"; echo "LoadState=$WORD"\n'
  writeFileSync(systemctl, script)
  chmodSync(systemctl, 0o755)
  const world = new FakeWorld({ env: { WORD: 'loaded' } })
  const { states } = await readService(world, { ...NOWHERE, systemctl })
  t.match(states, [{ name: 'show', load: 'loaded' }])
  t.equal('states' in (await readService(world, NOWHERE)), false)
})

t.test('systemd keeps a file for each user who lingers', async (t) => {
  const linger = home(t)
  const systemd = { ...NOWHERE, booted: linger, linger }
  t.equal((await readService(new FakeWorld(), systemd)).lingers, false)
  mkdirSync(join(linger, userInfo().username))
  t.equal((await readService(new FakeWorld(), systemd)).lingers, true)
})

t.test('where the last logout is likely to come', async (t) => {
  for (const [env, expected] of [
    [{}, true],
    [{ DISPLAY: ':0' }, false],
    [{ WAYLAND_DISPLAY: 'wayland-0' }, false],
    [{ DISPLAY: 'localhost:10.0', SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' }, true],
  ] as const) {
    const { isRemote } = await readService(new FakeWorld({ env }), NOWHERE)
    t.equal(isRemote, expected, JSON.stringify(env))
  }
})

t.test('nothing of it is looked for where there is no systemd', async (t) => {
  const world = new FakeWorld({ platform: 'darwin', env: { HOME: home(t) } })
  t.same(await readService(world, NOWHERE), { unit: { kind: 'missing' }, isRemote: false })
})
