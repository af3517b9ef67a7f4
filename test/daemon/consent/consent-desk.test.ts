import t from 'tap'
import type { ConsentWish } from '../../../daemon/consent/choice.ts'
import type { ConsentQuestion } from '../../../daemon/consent/consent.ts'
import { ConsentDesk, type DeskOptions } from '../../../daemon/consent/consent-desk.ts'
import type { Prompt, PromptAnswer } from '../../../daemon/consent/prompt.ts'
import { type Deferred, deferred } from '../../fakes/deferred.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { FakeWaiter } from '../../fakes/fake-waiter.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'
import { sampleQuestion } from '../../fakes/sample-question.ts'

interface Shown {
  readonly prompt: Prompt
  readonly signal: AbortSignal
  readonly answer: Deferred<PromptAnswer>
}

const desks: ConsentDesk[] = []

// what still stands somewhere must not keep the clock running
t.teardown(() => Promise.all(desks.map((desk) => desk.close())))

function scene(changes: Partial<DeskOptions> = {}) {
  const clock = new FakeClock()
  const shown: Shown[] = []
  const record: string[] = []
  const rules = { now: {} as unknown }
  const desk = new ConsentDesk({
    clock,
    show: (prompt, signal) => {
      const answer = deferred<PromptAnswer>()
      shown.push({ prompt, signal, answer })
      signal.addEventListener('abort', () => answer.resolve({ kind: 'timeout' }))
      return answer.promise
    },
    rules: () => rules.now,
    caps: { prompts: 4, promptsPerProgram: 2, waitersPerPrompt: 3, waiters: 5, remembered: 10 },
    promptMs: 60_000,
    queueMs: 60_000,
    refusalMs: 10_000,
    record: {
      asked: ({ grant }) => record.push(`asked ${grant}`),
      ended: ({ grant }, end) =>
        record.push(
          `${end.kind} ${grant} ${end.kind === 'given' ? JSON.stringify(end.choice) : end.reason}`,
        ),
    },
    ...changes,
  })
  desks.push(desk)
  const ask = (
    question: ConsentQuestion = sampleQuestion(),
    wish: ConsentWish = 'once',
    waiter = new FakeWaiter(),
  ) => desk.ask(question, wish, waiter)
  return { clock, shown, record, rules, desk, ask }
}

type Scene = ReturnType<typeof scene>

/** Answers what is on the screen, and lets everybody hear it. */
async function say({ shown }: Scene, answer: PromptAnswer): Promise<void> {
  shown.at(-1)?.answer.resolve(answer)
  await new Promise(setImmediate)
}

const program = (n: number) =>
  sampleQuestion({ peer: samplePeer({ pid: n, executable: `/p${n}` }) })
const OFFERED = { once: 'once', process: 'process', minutes: { seconds: 900 } } as const
const allow = (choice: keyof typeof OFFERED): PromptAnswer => ({
  kind: 'allowed',
  choice: OFFERED[choice],
})

t.test(
  'a question is asked once however many wait, and a yes for the process is remembered',
  async (t) => {
    const s = scene()
    const answers = [s.ask(), s.ask(), s.ask()]
    t.equal(s.shown.length, 1)
    t.match(s.shown[0]?.prompt, { text: /Grant: {7}"work"/, choices: ['once', 'process'] })
    t.equal(s.desk.pending, 1)
    await say(s, allow('process'))
    for (const answer of await Promise.all(answers)) t.match(answer, { kind: 'allowed' })
    t.match(await s.ask(), { kind: 'allowed' })
    t.equal(s.shown.length, 1)
    t.equal(s.desk.pending, 0)
    t.same(s.record, ['asked work', 'given work "process"'])
  },
)

t.test('a yes for once is for those who wait and for nobody after them', async (t) => {
  const s = scene()
  const answer = s.ask()
  await say(s, allow('once'))
  t.match(await answer, { kind: 'allowed' })
  void s.ask()
  t.equal(s.shown.length, 2)
})

t.test('a rule that asks always does so, whatever was remembered', async (t) => {
  const s = scene()
  const answer = s.ask()
  await say(s, allow('process'))
  await answer
  void s.ask(undefined, 'always')
  t.equal(s.shown.length, 2)
  t.same(s.shown[1]?.prompt.choices, ['once'])
})

t.test('another process, scope, audience or grant is another question', async (t) => {
  const questions = [
    sampleQuestion({ peer: samplePeer({ startTime: '78' }) }),
    sampleQuestion({ scope: ['repo:write'] }),
    sampleQuestion({ audience: undefined }),
    sampleQuestion({ grantId: 'grant-2' }),
  ]
  for (const question of questions) {
    const s = scene()
    const answer = s.ask()
    await say(s, allow('process'))
    await answer
    void s.ask(question)
    t.equal(s.shown.length, 2)
  }
})

t.test('a process whose start is not known is not remembered', async (t) => {
  const { startTime: _start, ...peer } = samplePeer()
  const s = scene()
  const answer = s.ask(sampleQuestion({ peer }))
  await say(s, allow('process'))
  await answer
  void s.ask(sampleQuestion({ peer }))
  t.equal(s.shown.length, 2)
})

t.test('a yes is looked at again at the moment of use', async (t) => {
  const takesBack: readonly [what: string, (s: Scene) => void][] = [
    ['a lock', ({ desk }) => desk.forgetAll()],
    [
      'other rules',
      ({ rules }) => {
        rules.now = {}
      },
    ],
  ]
  for (const [what, takeBack] of takesBack) {
    const s = scene()
    const answer = s.ask()
    await say(s, allow('process'))
    const [fresh, remembered] = [await answer, await s.ask()]
    for (const permission of [fresh, remembered]) {
      if (permission.kind !== 'allowed') throw new Error(permission.kind)
      t.equal(permission.stillStands('once'), true)
    }
    takeBack(s)
    for (const permission of [fresh, remembered])
      t.equal(permission.kind === 'allowed' && permission.stillStands('once'), false, what)
    void s.ask()
    t.equal(s.shown.length, 2, `asked again after ${what}`)
  }
  const s = scene()
  const answer = s.ask(undefined, { seconds: 900 })
  await say(s, allow('minutes'))
  await answer
  const remembered = await s.ask(undefined, { seconds: 900 })
  if (remembered.kind !== 'allowed') throw new Error(remembered.kind)
  t.equal(remembered.stillStands('always'), false, 'a rule that came meanwhile wants a new one')
  s.clock.advance(900_000)
  t.equal(remembered.stillStands({ seconds: 900 }), false, 'its time is over')
  const again = s.ask()
  await say(s, allow('process'))
  await again
  const later = await s.ask()
  s.desk.forgetGrant('grant-1')
  t.equal(later.kind === 'allowed' && later.stillStands('once'), false, 'the grant is revoked')
})

t.test('a yes that comes after the rules changed is none', async (t) => {
  const s = scene()
  const answer = s.ask()
  s.rules.now = {}
  await say(s, allow('process'))
  t.same(await answer, { kind: 'withdrawn' })
  t.same(s.record, ['asked work', 'denied work rules changed'])
  void s.ask()
  t.equal(s.shown.length, 2)
})

t.test('a no counts for a while, so that nobody is worn down', async (t) => {
  for (const kind of ['denied', 'timeout'] as const) {
    const s = scene()
    const answer = s.ask()
    await say(s, { kind })
    t.match(await answer, { kind: 'denied', reason: kind === 'denied' ? /said no/ : /in time/ })
    const other = sampleQuestion({ peer: samplePeer({ pid: 99 }), scope: ['x'] })
    t.match(await s.ask(other), { kind: 'denied', reason: /a moment ago/ })
    t.equal(s.shown.length, 1)
    t.equal(s.desk.refused, 1)
    t.same(s.record, ['asked work', `denied work ${kind}`])
    s.clock.advance(10_000)
    void s.ask()
    t.equal(s.shown.length, 2)
  }
})

t.test('where nobody can be asked, the next request tries again', async (t) => {
  const s = scene()
  const answer = s.ask()
  await say(s, { kind: 'unavailable', reason: 'no pinentry is installed' })
  t.same(await answer, { kind: 'unavailable', reason: 'no pinentry is installed' })
  void s.ask()
  t.equal(s.shown.length, 2)
  t.same(s.record, ['asked work', 'denied work unavailable', 'asked work'])
})

t.test('one question is on the screen at a time, and no program has it for itself', async (t) => {
  const s = scene()
  void s.ask(program(1))
  void s.ask({ ...program(1), scope: ['b'] })
  void s.ask(program(2))
  t.equal(s.shown.length, 1)
  await say(s, allow('once'))
  t.equal(s.shown.length, 2)
  t.match(s.shown[1]?.prompt.text, '/p2')
  await say(s, allow('once'))
  t.match(s.shown[2]?.prompt.text, '/p1')
  await say(s, allow('once'))
  t.equal(s.desk.pending, 0)
})

t.test('every queue has its end', async (t) => {
  const s = scene()
  void s.ask(program(1))
  void s.ask({ ...program(1), scope: ['b'] })
  await t.rejects(s.ask({ ...program(1), scope: ['c'] }), {
    code: 'rate_limited',
    retryAfterSeconds: 10,
  })
  void s.ask(program(2))
  void s.ask(program(3))
  await t.rejects(s.ask(program(4)), { code: 'overloaded', retryAfterSeconds: 10 })
  t.equal(s.desk.pending, 4)
  void s.ask(program(3))
  await t.rejects(s.ask(program(3)), { code: 'overloaded' }, 'five wait in all')
  t.equal(s.desk.refused, 3)
  const few = scene()
  const three = [few.ask(), few.ask(), few.ask()]
  await t.rejects(few.ask(), { code: 'rate_limited' })
  await say(few, allow('once'))
  for (const answer of three) t.match(await answer, { kind: 'allowed' })
  void few.ask()
  t.equal(few.shown.length, 2, 'there is room again')
})

t.test('a question that never gets to the screen is told so', async (t) => {
  const s = scene({ queueMs: 20 })
  void s.ask(program(1))
  await t.rejects(s.ask(program(2)), { code: 'overloaded' })
  t.equal(s.desk.pending, 1)
  t.same(s.record, ['asked work'], 'the other one was never asked')
})

t.test('a question that nobody answers leaves the screen, and the next one comes', async (t) => {
  const s = scene({ promptMs: 20 })
  const [one, other] = [s.ask(program(1)), s.ask(program(2))]
  t.match(await one, { kind: 'denied', reason: 'nobody answered the prompt in time' })
  t.equal(s.shown.length, 2)
  t.match(await other, { kind: 'denied' })
})

t.test('who goes away stops counting, and the last one takes the question along', async (t) => {
  const s = scene()
  const [one, other, third] = [new FakeWaiter(), new FakeWaiter(), new FakeWaiter()]
  const answers = [
    s.ask(program(1), 'once', one),
    s.ask(program(1), 'once', other),
    s.ask(program(2), 'once', third),
  ]
  one.leave()
  t.equal(s.shown[0]?.signal.aborted, false)
  other.leave()
  t.equal(s.shown[0]?.signal.aborted, true)
  await new Promise(setImmediate)
  t.equal(s.shown.length, 2, 'the screen is free')
  third.leave()
  await new Promise(setImmediate)
  t.equal(s.desk.pending, 0)
  for (const answer of answers) t.same(await answer, { kind: 'withdrawn' })
  t.same(s.record, ['asked work', 'denied work abandoned', 'asked work', 'denied work abandoned'])
  const queued = new FakeWaiter()
  void s.ask(program(1))
  void s.ask(program(2), 'once', queued)
  queued.leave()
  t.equal(s.desk.pending, 1, 'also from the queue')
})

t.test('a yes that comes after everybody left is nobody’s', async (t) => {
  const s = scene({ show: async () => allow('process') })
  const waiter = new FakeWaiter()
  const answer = s.ask(undefined, 'once', waiter)
  waiter.leave()
  await answer
  await new Promise(setImmediate)
  t.same(s.record, ['asked work', 'denied work abandoned'])
  const again = scene()
  const asked = again.ask()
  again.desk.forgetAll()
  again.shown[0]?.answer.resolve(allow('process'))
  t.same(await asked, { kind: 'withdrawn' })
  await new Promise(setImmediate)
  void again.ask()
  t.equal(again.shown.length, 2, 'a lock takes back what is being asked, too')
  t.same(again.record.slice(0, 2), ['asked work', 'denied work withdrawn'])
})

t.test('a revocation takes away the questions of its grant and no other', async (t) => {
  const s = scene()
  const mine = s.ask(program(1))
  const other = s.ask({ ...program(2), grantId: 'grant-2', grant: 'home' })
  s.desk.forgetGrant('grant-1')
  t.same(await mine, { kind: 'withdrawn' })
  await new Promise(setImmediate)
  await say(s, allow('once'))
  t.match(await other, { kind: 'allowed' })
})

t.test('nothing is asked or given that cannot be recorded', async (t) => {
  const full = new Error('audit_unavailable')
  const fail = (): never => {
    throw full
  }
  const deaf = scene({ record: { asked: fail, ended: () => undefined } })
  await t.rejects(deaf.ask(), full)
  t.equal(deaf.shown.length, 0)
  t.equal(deaf.desk.pending, 0)
  const half = scene({ record: { asked: () => undefined, ended: fail } })
  const answer = half.ask()
  half.shown[0]?.answer.resolve(allow('process'))
  await t.rejects(answer, full)
  await new Promise(setImmediate)
  void half.ask()
  t.equal(half.shown.length, 2, 'and nothing is remembered')
})

t.test('a mistake in a prompt is told, and the next question is put', async (t) => {
  let times = 0
  const s = scene({
    show: async () => {
      times += 1
      if (times === 1) throw new TypeError('a mistake')
      return allow('once')
    },
  })
  await t.rejects(s.ask(program(1)), TypeError)
  t.match(await s.ask(program(2)), { kind: 'allowed' })
})

t.test('at the end nobody is asked any more', async (t) => {
  const s = scene()
  const answer = s.ask()
  await s.desk.close()
  t.same(await answer, { kind: 'withdrawn' })
  t.equal(s.shown[0]?.signal.aborted, true)
  t.match(await s.ask(), { kind: 'unavailable', reason: 'the daemon is stopping' })
})
