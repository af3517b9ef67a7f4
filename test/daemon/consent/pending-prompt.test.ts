import t from 'tap'
import { PendingPrompt } from '../../../daemon/consent/pending-prompt.ts'
import { FakeWaiter } from '../../fakes/fake-waiter.ts'
import { sampleQuestion } from '../../fakes/sample-question.ts'

function scene() {
  const deserted: PendingPrompt[] = []
  const prompt = new PendingPrompt({
    question: sampleQuestion(),
    wish: 'once',
    rules: {},
    onDeserted: (one) => deserted.push(one),
  })
  return { prompt, deserted }
}

t.test('everybody who waits gets the same answer, once', async (t) => {
  const { prompt, deserted } = scene()
  const waiters = [new FakeWaiter(), new FakeWaiter()]
  const answers = waiters.map((waiter) => prompt.wait(waiter))
  t.equal(prompt.waiting, 2)
  prompt.settle({ kind: 'denied', reason: 'no' })
  prompt.fail(new Error('too late'))
  prompt.settle({ kind: 'withdrawn' })
  t.same(await Promise.all(answers), [
    { kind: 'denied', reason: 'no' },
    { kind: 'denied', reason: 'no' },
  ])
  t.equal(prompt.end, 'answered')
  t.ok(prompt.screen.aborted)
  t.same(
    waiters.map(({ watched }) => watched),
    [0, 0],
    'nobody is watched any more',
  )
  t.same(deserted, [])
})

t.test('an error reaches everybody', async (t) => {
  const { prompt } = scene()
  const answer = prompt.wait(new FakeWaiter())
  prompt.fail(new Error('x'))
  await t.rejects(answer, { message: 'x' })
})

t.test('a question that nobody waits for any more leaves the screen', async (t) => {
  const { prompt, deserted } = scene()
  const [one, other] = [new FakeWaiter(), new FakeWaiter()]
  const answers = [prompt.wait(one), prompt.wait(other)]
  one.leave()
  t.equal(prompt.waiting, 1)
  t.notOk(prompt.screen.aborted)
  other.leave()
  t.equal(prompt.end, 'abandoned')
  t.ok(prompt.screen.aborted)
  t.same(deserted, [prompt])
  t.same(await Promise.all(answers), [{ kind: 'withdrawn' }, { kind: 'withdrawn' }])
})

t.test('who is gone before they wait counts for nothing', async (t) => {
  const { prompt, deserted } = scene()
  const gone = new FakeWaiter()
  gone.leave()
  t.same(await prompt.wait(gone), { kind: 'withdrawn' })
  t.equal(deserted.length, 1)
})
