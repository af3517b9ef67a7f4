import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GrantdUnreachableError } from '@grantd/client'
import t, { type Test } from 'tap'
import { readDaemon } from '../../../cli/doctor/daemon-facts.ts'
import { GRANT, STATUS, VAULT } from '../../fakes/cli-answers.ts'
import { ok, problem } from '../../fakes/cli-daemon.ts'
import { scene } from '../../fakes/cli-session.ts'
import { FakeWorld } from '../../fakes/cli-world.ts'

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'grantd-facts-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

t.test('a running daemon tells everything', async (t) => {
  const path = join(directory(t), 'config.toml')
  const status = { ...STATUS, config: { path } }
  const policy = { files: [{ level: 'user', path }], rules: [] }
  const { world } = await scene(t, {
    'broker GET /v1/health': () => ok(STATUS),
    'admin GET /v1/status': () => ok(status),
    'admin GET /v1/vault': () => ok(VAULT),
    'admin GET /v1/policy': () => ok(policy),
    'admin GET /v1/grants': () => ok({ grants: [GRANT], replaced: [] }),
  })
  t.same(await readDaemon(world), {
    health: { kind: 'answer', value: STATUS },
    hangingPid: undefined,
    status: { kind: 'answer', value: status },
    vault: { kind: 'answer', value: VAULT },
    policy: { kind: 'answer', value: policy },
    grants: [GRANT],
    configFile: { kind: 'missing' },
  })
  writeFileSync(path, '')
  t.match((await readDaemon(world)).configFile, { kind: 'present' })
})

t.test('what it does not tell is not known', async (t) => {
  const locked = () => problem('vault_locked', 'you locked the vault')
  const { world } = await scene(t, {
    'broker GET /v1/health': () => ok(STATUS),
    'admin GET /v1/status': () => problem('unauthorized_peer', 'a relay'),
    'admin GET /v1/vault': () => ok({ state: 'open' }),
    'admin GET /v1/grants': locked,
  })
  t.match(await readDaemon(world), {
    status: { kind: 'refused', detail: 'a relay' },
    vault: { kind: 'silent', reason: 'malformed' },
    policy: { kind: 'refused' },
    grants: [],
    configFile: undefined,
  })
})

/** A world whose connections throw what `reply` makes. */
function throwing(path: string, reply: () => Error): FakeWorld {
  const world = new FakeWorld({ socketPath: (listener) => join(path, `${listener}.sock`) })
  return Object.assign(world, { connect: () => ({ request: () => Promise.reject(reply()) }) })
}

t.test('the pid of a daemon that hangs stands in its lock file', async (t) => {
  const path = directory(t)
  const hangs = throwing(path, () => new GrantdUnreachableError('timed_out', 'late', 'wait'))
  const facts = await readDaemon(hangs)
  t.match(facts.health, { kind: 'silent', reason: 'timed_out', detail: 'late', hint: 'wait' })
  t.equal(facts.hangingPid, undefined, 'no lock file')
  for (const [text, pid] of [
    ['4242\n', 4242],
    ['4242; rm -rf /\n', undefined],
    ['', undefined],
  ] as const) {
    writeFileSync(join(path, 'grantd.lock'), text)
    t.equal((await readDaemon(hangs)).hangingPid, pid, text)
  }
  const gone = throwing(path, () => new GrantdUnreachableError('not_running', 'gone'))
  t.equal((await readDaemon(gone)).hangingPid, undefined)
})

t.test('a bug is not taken for a silent daemon', async (t) => {
  const broken = throwing(directory(t), () => new TypeError('a bug'))
  await t.rejects(readDaemon(broken), { message: 'a bug' })
})
