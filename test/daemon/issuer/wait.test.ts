import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { wait } from '../../../daemon/issuer/wait.ts'

/** An alarm that rings when the test says so. */
function fakeAlarm() {
  const alarm = { ms: -1, ring: (): void => {}, isCancelled: false }
  const set = (ring: () => void, ms: number): (() => void) => {
    Object.assign(alarm, { ms, ring })
    return () => {
      alarm.isCancelled = true
    }
  }
  return { alarm, set }
}

/** Whether a promise is settled after everything that could happen now has happened. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), setImmediate(false)])
}

t.test('a wait ends when it is over, and not before', async (t) => {
  const { signal } = new AbortController()
  const { alarm, set } = fakeAlarm()
  const waiting = wait(20, signal, set)
  t.equal(alarm.ms, 20)
  t.notOk(await isOver(waiting))
  alarm.ring()
  await waiting
  t.strictSame(getEventListeners(signal, 'abort'), [], 'and leaves nothing behind')
})

t.test('a cancelled wait ends at once, also one longer than a timer can count', async (t) => {
  const controller = new AbortController()
  const { alarm, set } = fakeAlarm()
  const waiting = wait(2 ** 40, controller.signal, set)
  t.equal(alarm.ms, 3_600_000)
  t.notOk(await isOver(waiting))
  controller.abort()
  await waiting
  t.ok(alarm.isCancelled)
  await wait(2 ** 40, controller.signal)
})

t.test('without another alarm the time is the machine’s', async () => {
  await wait(1, new AbortController().signal)
})
