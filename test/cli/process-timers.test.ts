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

t.test('a sleep ends at a signal, or does not begin', async () => {
  const controller = new AbortController()
  const long = processTimers.sleep(3_600_000, controller.signal)
  controller.abort()
  await long
  await processTimers.sleep(3_600_000, controller.signal)
  await processTimers.sleep(-5, never)
})

t.test('a sleep ends when its timer does, and not before', async (t) => {
  const started: { end: () => void; ms: number }[] = []
  const real = globalThis.setTimeout
  const held = Object.assign((end: () => void, ms: number) => started.push({ end, ms }), real)
  t.teardown(() => Object.assign(globalThis, { setTimeout: real }))
  Object.assign(globalThis, { setTimeout: held })
  const sleep = processTimers.sleep(5000, never)
  Object.assign(globalThis, { setTimeout: real })
  t.match(started, [{ ms: 5000 }])
  t.equal(await Promise.race([sleep, Promise.resolve('sleeping')]), 'sleeping')
  started[0]?.end()
  await sleep
})

t.test('a sleep longer than a timer can count does not end at once', async (t) => {
  for (const ms of [2_147_483_648, 90 * 86_400_000, Number.MAX_SAFE_INTEGER, Infinity]) {
    const controller = new AbortController()
    let isOver = false
    const slept = (async () => {
      await processTimers.sleep(ms, controller.signal)
      isOver = true
    })()
    // an overflown timer fires after 1 ms
    await processTimers.sleep(20, never)
    t.notOk(isOver, `${ms} ms`)
    controller.abort()
    await slept
  }
})
