import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { GrantdUnreachableError } from '@grantd/client'
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
    hangingPid: undefined,
    status: { kind: 'refused', detail: 'a relay' },
    configFile: undefined,
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
    health: { kind: 'silent', reason: 'untrusted' },
    status: { kind: 'silent', reason: 'untrusted' },
  })
  t.match((await readFacts(new FakeWorld(), NO_SYSTEMD)).directory.fact, { kind: 'missing' })
})

t.test('whether the configuration exists', async (t) => {
  const path = join(directory(t), 'config.toml')
  const { world } = await scene(t, {
    'admin GET /v1/status': () => ok({ ...STATUS, config: { path } }),
  })
  t.match((await readFacts(world, NO_SYSTEMD)).configFile, { kind: 'missing' })
  writeFileSync(path, '')
  t.match((await readFacts(world, NO_SYSTEMD)).configFile, { kind: 'present' })
})

/** A world whose connections throw what `reply` makes. */
function throwing(path: string, reply: () => Error): FakeWorld {
  const world = new FakeWorld({ socketPath: (listener) => join(path, `${listener}.sock`) })
  return Object.assign(world, { connect: () => ({ request: () => Promise.reject(reply()) }) })
}

t.test('the pid of a daemon that hangs stands in its lock file', async (t) => {
  const path = directory(t)
  const hangs = throwing(path, () => new GrantdUnreachableError('timed_out', 'late', 'wait'))
  const facts = await readFacts(hangs, NO_SYSTEMD)
  t.match(facts.health, { kind: 'silent', reason: 'timed_out', detail: 'late', hint: 'wait' })
  t.equal(facts.hangingPid, undefined, 'no lock file')
  for (const [text, pid] of [
    ['4242\n', 4242],
    ['4242; rm -rf /\n', undefined],
    ['', undefined],
  ] as const) {
    writeFileSync(join(path, 'grantd.lock'), text)
    t.equal((await readFacts(hangs, NO_SYSTEMD)).hangingPid, pid, text)
  }
  const gone = throwing(path, () => new GrantdUnreachableError('not_running', 'gone'))
  t.equal((await readFacts(gone, NO_SYSTEMD)).hangingPid, undefined)
})

t.test('a bug is not taken for a silent daemon', async (t) => {
  const broken = throwing(directory(t), () => new TypeError('a bug'))
  await t.rejects(readFacts(broken, NO_SYSTEMD), { message: 'a bug' })
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
