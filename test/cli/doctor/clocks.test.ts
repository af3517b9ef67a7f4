import t from 'tap'
import type { DateAnswer } from '../../../cli/doctor/ask-date.ts'
import { judgeClocks, readClocks } from '../../../cli/doctor/clocks.ts'
import { GRANT } from '../../fakes/cli-answers.ts'
import { FakeWorld } from '../../fakes/cli-world.ts'
import { startCannedServer } from '../../issuers/canned-server.ts'

t.test('each issuer of a living grant is asked once', async (t) => {
  const date = () => new Date(Date.now() - 90_000).toUTCString()
  const server = await startCannedServer(() => ({ headers: { date: date() } }))
  t.teardown(() => server.close())
  const grant = (path: string, state = 'active') => ({
    ...GRANT,
    issuer: `${server.origin}/${path}`,
    state: state as typeof GRANT.state,
  })
  const facts = await readClocks(new FakeWorld(), [
    grant('b', 'in_doubt'),
    grant('a'),
    grant('a'),
    grant('gone', 'revoked'),
    grant('dead', 'login_required'),
  ])
  t.equal(facts.unasked, 0)
  t.match(facts.clocks, [
    { issuer: `${server.origin}/a`, answer: { kind: 'date' } },
    { issuer: `${server.origin}/b`, answer: { kind: 'date' } },
  ])
  for (const { answer } of facts.clocks)
    t.ok(answer.kind === 'date' && Math.abs(answer.offsetMs - 90_000) < 3_000)
  t.equal(server.requests.length, 2)
})

t.test('a crowd of issuers is not asked', async (t) => {
  const issuers = Array.from({ length: 20 }, (_, at) => ({ ...GRANT, issuer: `ftp://${at + 10}` }))
  const facts = await readClocks(new FakeWorld(), issuers)
  t.match([facts.clocks.length, facts.unasked], [16, 4])
})

const clock = (answer: DateAnswer, host = 'as') => ({ issuer: `https://${host}.example`, answer })
const off = (seconds: number): DateAnswer => ({ kind: 'date', offsetMs: seconds * 1000 })

t.test('how far a clock may be off', async (t) => {
  for (const [seconds, level, words] of [
    [0, 'ok', /^clock: the same as that of https:\/\/as\.example$/],
    [1.2, 'ok', /the same/],
    [-2, 'ok', /^clock: 2 s behind that of/],
    [60, 'ok', /60 s ahead/],
    [61, 'warn', /61 s ahead/],
    [-300, 'warn', /300 s behind/],
    [301, 'fail', /301 s ahead/],
    [-86_400, 'fail', /86400 s behind/],
  ] as const) {
    const [finding, ...more] = judgeClocks({ clocks: [clock(off(seconds))], unasked: 0 }, 'linux')
    t.match(finding, { level, what: words }, `${seconds}`)
    t.same(more, [])
    t.equal(finding?.advice, level === 'ok' ? undefined : 'set the clock: timedatectl set-ntp true')
  }
  t.match(judgeClocks({ clocks: [clock(off(400))], unasked: 0 }, 'darwin'), [
    { advice: 'set the clock of this machine' },
  ])
})

t.test('where issuers differ, the one that differs is wrong', async (t) => {
  const clocks = [clock(off(400)), clock(off(1), 'other')]
  t.match(judgeClocks({ clocks, unasked: 0 }, 'linux'), [
    { level: 'fail', advice: /tell that one/ },
    { level: 'ok' },
  ])
})

t.test('an issuer that is silent is a warning', async (t) => {
  const silent = clock({ kind: 'silent', reason: 'no connection' })
  t.match(judgeClocks({ clocks: [silent], unasked: 3 }, 'linux'), [
    { level: 'warn', what: 'clock of https://as.example: no connection', advice: /network/ },
    { level: 'ok', what: /3 more/ },
  ])
})
