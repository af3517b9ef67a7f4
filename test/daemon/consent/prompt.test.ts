import t from 'tap'
import { firstThatShows, type PromptAnswer } from '../../../daemon/consent/prompt.ts'

const PROMPT = { text: 'x', choices: ['once'], tty: undefined } as const
const signal = new AbortController().signal

t.test('the next way is tried only when the question could not be put', async (t) => {
  const tried: string[] = []
  const saying = (name: string, answer: PromptAnswer) => async () => {
    tried.push(name)
    return answer
  }
  const unavailable = saying('a', { kind: 'unavailable', reason: 'no desktop' })
  const answers: readonly PromptAnswer[] = [
    { kind: 'allowed', choice: 'once' },
    { kind: 'denied' },
    { kind: 'timeout' },
  ]
  for (const answer of answers) {
    tried.length = 0
    const show = firstThatShows([unavailable, saying('b', answer), saying('c', { kind: 'denied' })])
    t.same(await show(PROMPT, signal), answer)
    t.same(tried, ['a', 'b'])
  }
  const none = firstThatShows([unavailable, saying('d', { kind: 'unavailable', reason: 'none' })])
  t.same(await none(PROMPT, signal), { kind: 'unavailable', reason: 'no desktop; none' })
})
