import t from 'tap'
import { wait } from '../../../daemon/issuer/wait.ts'

t.test('a wait ends when it is over', async (t) => {
  const startedAt = performance.now()
  await wait(20, new AbortController().signal)
  t.ok(performance.now() - startedAt >= 15)
})

t.test('a cancelled wait ends at once, also one longer than a timer can count', async (t) => {
  const controller = new AbortController()
  const waiting = wait(2 ** 40, controller.signal)
  const outcome = await Promise.race([
    waiting.then(() => 'over'),
    wait(20, new AbortController().signal),
  ])
  t.equal(outcome, undefined, 'it does not end by itself')
  controller.abort()
  await waiting
  await wait(2 ** 40, controller.signal)
})
