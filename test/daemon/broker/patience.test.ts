import t from 'tap'
import { withPatience } from '../../../daemon/broker/patience.ts'

t.test('work that is done in time is waited for, and leaves no timer', async (t) => {
  let isDone = false
  const work = (async () => {
    await new Promise(setImmediate)
    isDone = true
  })()
  await withPatience(work, 3600)
  t.ok(isDone)
})

t.test('work that never ends is not', async () => {
  await withPatience(new Promise(() => undefined), 0.001)
})
