import t from 'tap'
import { processTimers } from '../../cli/process-timers.ts'

const never = new AbortController().signal

t.test('the clock is the machine clock, local time its time zone', async (t) => {
  const before = Date.now()
  t.ok(processTimers.now() >= before)
  t.equal(processTimers.offsetMinutes(before), -new Date(before).getTimezoneOffset())
})

t.test('a tick comes again and again until it is stopped', async (t) => {
  let ticks = 0
  await new Promise<void>((resolve) => {
    const stop = processTimers.every(1, () => {
      ticks += 1
      if (ticks < 2) return
      stop()
      resolve()
    })
  })
  t.equal(ticks, 2)
})

t.test('a sleep ends in time, at a signal, or does not begin', async (t) => {
  const controller = new AbortController()
  const long = processTimers.sleep(3_600_000, controller.signal)
  controller.abort()
  await long
  await processTimers.sleep(3_600_000, controller.signal)
  await processTimers.sleep(-5, never)
  const before = performance.now()
  await processTimers.sleep(5, never)
  t.ok(performance.now() - before >= 4)
})
