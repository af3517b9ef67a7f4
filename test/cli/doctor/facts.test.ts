import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readFacts } from '../../../cli/doctor/facts.ts'
import { GRANT, STATUS } from '../../fakes/cli-answers.ts'
import { ok } from '../../fakes/cli-daemon.ts'
import { scene } from '../../fakes/cli-session.ts'
import { FakeWorld } from '../../fakes/cli-world.ts'
import { startCannedServer } from '../../issuers/canned-server.ts'

const NOWHERE = {
  booted: '/nonexistent/system',
  linger: '/nonexistent/linger',
  proc: '/nonexistent/proc',
  sys: '/nonexistent/sys',
  systemctl: '/nonexistent/systemctl',
}

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'grantd-facts-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

t.test('a running daemon, its machine and its issuers', async (t) => {
  const server = await startCannedServer(() => ({}))
  t.teardown(() => server.close())
  const { daemon, world } = await scene(t, {
    'broker GET /v1/health': () => ok(STATUS),
    'admin GET /v1/status': () => ok(STATUS),
    'admin GET /v1/grants': () => ok({ grants: [{ ...GRANT, issuer: server.origin }] }),
  })
  const uid = process.getuid?.()
  t.match(await readFacts(world, NOWHERE), {
    nodeVersion: '22.1.0',
    platform: 'linux',
    uid,
    isFindable: false,
    directory: {
      path: daemon.directory,
      fact: { kind: 'present', type: 'directory', mode: 0o700 },
    },
    sockets: { broker: { fact: { kind: 'present', type: 'socket', uid } } },
    health: { kind: 'answer', value: STATUS },
    service: { unit: { kind: 'missing' }, isRemote: true },
    system: {},
    isUnswappable: false,
    openness: 'unknown',
    leftovers: [{ isAlive: false }],
    clocks: { clocks: [{ issuer: server.origin, answer: { kind: 'date' } }], unasked: 0 },
  })
})

t.test('nothing there, or something else', async (t) => {
  const file = join(directory(t), 'file')
  writeFileSync(file, '')
  const world = new FakeWorld({
    socketPath: (listener) => (listener === 'broker' ? file : join(file, 'admin.sock')),
  })
  t.match(await readFacts(world, NOWHERE), {
    sockets: {
      broker: { path: file, fact: { kind: 'present', type: 'other' } },
      admin: { fact: { kind: 'unreadable', detail: /ENOTDIR/ } },
    },
    health: { kind: 'silent', reason: 'untrusted' },
    status: { kind: 'silent', reason: 'untrusted' },
    openness: undefined,
  })
  t.match((await readFacts(new FakeWorld(), NOWHERE)).directory.fact, { kind: 'missing' })
})

t.test('what only Linux has is not looked for elsewhere', async (t) => {
  const { world } = await scene(
    t,
    { 'admin GET /v1/status': () => ok(STATUS) },
    { platform: 'darwin' },
  )
  t.match(await readFacts(world, NOWHERE), { system: undefined, openness: undefined })
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
    const { isFindable } = await readFacts(new FakeWorld(options), NOWHERE)
    t.equal(isFindable, expected, JSON.stringify(options))
  }
})
