import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readFacts } from '../../cli/doctor-facts.ts'
import { STATUS } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { scene } from '../fakes/cli-session.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

const NO_SYSTEMD = { booted: '/nonexistent/system', linger: '/nonexistent/linger' }

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'grantd-facts-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

t.test('a running daemon', async (t) => {
  const { daemon, world } = await scene(t, {
    'broker GET /v1/health': () => ok(STATUS),
    'admin GET /v1/status': () => problem('unauthorized_peer', 'a relay'),
  })
  const uid = process.getuid?.()
  t.match(await readFacts(world, NO_SYSTEMD), {
    nodeVersion: '22.1.0',
    uid,
    isFindable: false,
    directory: {
      path: daemon.directory,
      fact: { kind: 'present', type: 'directory', mode: 0o700 },
    },
    sockets: { broker: { fact: { kind: 'present', type: 'socket', uid } } },
    health: { kind: 'answer', value: STATUS },
    status: { kind: 'refused', detail: 'a relay' },
    lingers: undefined,
  })
})

t.test('nothing there, or something else', async (t) => {
  const file = join(directory(t), 'file')
  writeFileSync(file, '')
  const world = new FakeWorld({
    socketPath: (listener) => (listener === 'broker' ? file : join(file, 'admin.sock')),
  })
  t.match(await readFacts(world, NO_SYSTEMD), {
    sockets: {
      broker: { path: file, fact: { kind: 'present', type: 'other' } },
      admin: { fact: { kind: 'unreadable', detail: /ENOTDIR/ } },
    },
    health: { kind: 'silent' },
    status: { kind: 'silent' },
  })
  t.match((await readFacts(new FakeWorld(), NO_SYSTEMD)).directory.fact, { kind: 'missing' })
})

function socketPath(): string {
  return '/run/user/1000/grantd/broker.sock'
}

t.test('where every program of the user looks', async (t) => {
  for (const [options, expected] of [
    [{}, false],
    [{ env: { XDG_RUNTIME_DIR: '/run/x' } }, true],
    [{ env: { GRANTD_SOCK: '/run/x' } }, true],
    [{ platform: 'darwin' }, true],
    [{ socketPath }, true],
  ] as const) {
    const { isFindable } = await readFacts(new FakeWorld(options), NO_SYSTEMD)
    t.equal(isFindable, expected, JSON.stringify(options))
  }
})

t.test('systemd keeps a file for each user who lingers', async (t) => {
  const linger = directory(t)
  const systemd = { booted: linger, linger }
  t.equal((await readFacts(new FakeWorld(), systemd)).lingers, false)
  mkdirSync(join(linger, userInfo().username))
  t.equal((await readFacts(new FakeWorld(), systemd)).lingers, true)
})
