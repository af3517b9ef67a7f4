import t from 'tap'
import { run } from '../../cli/run.ts'
import { ok } from '../fakes/cli-daemon.ts'
import { scene, session } from '../fakes/cli-session.ts'

const line = (n: number): string =>
  `{"time":"2030-01-01T00:00:0${n}.000Z","event":"token.issued","grant":"work"}`
const VERDICT = {
  ok: true,
  lines: 1,
  head: '1:ab',
  sealed: 0,
  torn: [],
  findings: [],
  finding_count: 0,
}

t.test('a query goes on from page to page, and filters each', async (t) => {
  const pages = [
    { lines: [line(1)], more: true, cursor: '2030-01-01@1' },
    { lines: [], more: true, cursor: '2030-01-01@2' },
    { lines: [line(2)], more: false, cursor: '2030-01-01@3' },
  ]
  const { exit, stdout, daemon } = await session(
    t,
    ['audit', 'query', '--grant', 'work', '--json'],
    {
      'admin GET /v1/audit': () => ok(pages.shift()),
    },
  )
  t.equal(stdout, `${line(1)}\n${line(2)}\n`, 'as they lie on disk')
  t.equal(exit, 0)
  t.same(
    daemon.seen.map(({ url }) => url),
    ['', '&after=2030-01-01%401', '&after=2030-01-01%402'].map(
      (after) => `/v1/audit?limit=500&grant=work${after}`,
    ),
  )
})

t.test('a tail shows the last lines, and goes on until a signal', async (t) => {
  let asked = 0
  const { world, daemon } = await scene(t, {
    'admin GET /v1/audit': () => {
      asked += 1
      if (asked === 3) world.interrupt('SIGINT')
      return ok({ lines: [line(asked)], more: false, cursor: '2030-01-01@9' })
    },
  })
  t.equal(await run(world, ['audit', 'tail', '-f', '--lines', '1']), 130)
  t.match(world.stdout.text, /:01\.000Z {2}token\.issued {2}grant="work"\n.*:02.*\n.*:03/)
  t.equal(daemon.seen[0]?.url, '/v1/audit?last=1')
  t.same([...world.timers.slept, world.listening], [1_000, 1_000, 0])
  const once = await session(t, ['audit', 'tail'], {
    'admin GET /v1/audit': () => ok({ lines: [], more: false }),
  })
  t.same([once.exit, once.stdout], [0, ''])
})

t.test('a log that is not as it was ends with 1', async (t) => {
  const script = { 'admin GET /v1/audit/verify': () => ok(VERDICT) }
  const good = await session(t, ['audit', 'verify', '--anchor', '1:ab'], script)
  t.match(good, { exit: 0, stdout: /head 1:ab\n$/ })
  t.equal(good.daemon.seen[0]?.url, '/v1/audit/verify?anchor=1%3Aab')
  const bad = { 'admin GET /v1/audit/verify': () => ok({ ...VERDICT, ok: false }) }
  const { exit, stdout } = await session(t, ['audit', 'verify', '--json'], bad)
  t.same([exit, JSON.parse(stdout).ok], [1, false])
})
