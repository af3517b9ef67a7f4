import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { judgeLeftovers, type LeftoverFact, readLeftovers } from '../../../cli/doctor/leftovers.ts'
import type { PathFact } from '../../../cli/doctor/look.ts'
import { STATUS } from '../../fakes/cli-answers.ts'
import { CliDaemon, ok, problem, type Script } from '../../fakes/cli-daemon.ts'
import { FakeWorld } from '../../fakes/cli-world.ts'

const NAME = `grantd-${process.getuid?.()}`

function temporary(t: Test): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'g-')))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function found(TMPDIR: string, ours = '/run/grantd') {
  const [first] = await readLeftovers(new FakeWorld({ env: { TMPDIR } }), ours)
  return first
}

t.test('what daemons leave in temporary directories', async (t) => {
  const TMPDIR = temporary(t)
  const path = join(TMPDIR, NAME)
  t.same(await found(TMPDIR), { path, fact: { kind: 'missing' }, isAlive: false })
  writeFileSync(path, '')
  t.match(await found(TMPDIR), { fact: { type: 'other' }, isAlive: false })
  rmSync(path)
  mkdirSync(path, { mode: 0o700 })
  t.match(await found(TMPDIR), { fact: { type: 'directory' }, isAlive: false }, 'no socket')
  t.match(await found(`${TMPDIR}/`), { path }, 'however it is written')
  t.not((await found(TMPDIR, path))?.path, path, 'ours is no leftover')
})

t.test('where nothing is said the usual directory is meant', async (t) => {
  const facts = await readLeftovers(new FakeWorld(), '/run/grantd')
  t.same(
    facts.map(({ path }) => path),
    [join('/tmp', NAME)],
  )
  t.same(await readLeftovers(new FakeWorld(), join('/tmp', NAME)), [])
  const relative = await readLeftovers(new FakeWorld({ env: { TMPDIR: 'here' } }), '/run/grantd')
  t.equal(relative.length, 1)
})

t.test('a daemon that answers anything lives', async (t) => {
  const scripts: readonly Script[] = [
    { 'broker GET /v1/health': () => ok(STATUS) },
    { 'broker GET /v1/health': () => problem('unauthorized_peer', 'a relay') },
    { 'broker GET /v1/health': () => ok('no object') },
  ]
  for (const script of scripts) {
    const TMPDIR = temporary(t)
    const daemon = await CliDaemon.start(script, join(TMPDIR, NAME))
    t.match(await found(TMPDIR), { isAlive: true })
    await daemon.stop()
    mkdirSync(join(TMPDIR, NAME), { mode: 0o700 })
    t.match(await found(TMPDIR), { isAlive: false })
  }
})

const PATH = '/tmp/grantd-1000'

function judged(fact: PathFact, isAlive = false) {
  const leftovers: LeftoverFact[] = [{ path: PATH, fact, isAlive }]
  return judgeLeftovers(leftovers, 1000)
}

t.test('what should not be there is a warning', async (t) => {
  const fact = { kind: 'present', type: 'directory', mode: 0o700, uid: 1000 } as const
  t.match(judged(fact), [{ level: 'warn', what: /left over/, advice: `remove it: rm -r ${PATH}` }])
  t.match(judged(fact, true), [{ level: 'warn', what: /another daemon of yours/ }])
  t.match(judged({ ...fact, uid: 1001 }), [{ level: 'warn', what: /belongs to uid 1001/ }])
  t.same(judged({ kind: 'missing' }), [])
  t.same(judged({ kind: 'unreadable', detail: 'EACCES' }), [])
})
