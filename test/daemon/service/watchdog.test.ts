import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { feedWatchdog } from '../../../daemon/service/watchdog.ts'

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await pause(1)
}

t.test('it is fed while all is well, not while it is not, and told of once', async (t) => {
  let [fed, checked, trouble] = [0, 0, undefined as Error | undefined]
  const heard: unknown[] = []
  const stop = feedWatchdog(
    {
      watchdogMs: 6,
      alive: (status) => {
        if (status === 'well') fed += 1
      },
    },
    async () => {
      checked += 1
      if (trouble !== undefined) throw trouble
      return 'well'
    },
    (error) => heard.push(error),
  )
  t.teardown(stop)
  await until(() => fed > 1)
  trouble = new Error('no key')
  const [before, checks] = [fed, checked]
  await until(() => checked > checks + 3)
  t.ok(fed <= before + 1, 'but for a look that was under way')
  t.same(heard, [trouble])
  trouble = undefined
  await until(() => fed > before + 1)
  trouble = new Error('again')
  await until(() => heard.length > 1)
  t.same(heard[1], trouble)
  stop()
  const last = checked
  await pause(20)
  t.equal(checked, last)
})

t.test('a look that never ends feeds nothing, and none begins beside it', async (t) => {
  let [fed, checked] = [0, 0]
  const stop = feedWatchdog(
    {
      watchdogMs: 3,
      alive: () => {
        fed += 1
      },
    },
    async () => {
      checked += 1
      return await new Promise<string>(() => undefined)
    },
    () => undefined,
  )
  t.teardown(stop)
  await until(() => checked > 0)
  await pause(20)
  t.same([fed, checked], [0, 1])
})

t.test('where nobody watches there is no timer', async (t) => {
  const stop = feedWatchdog(
    { watchdogMs: undefined, alive: () => t.fail('nobody asked') },
    async () => {
      throw new Error('nobody asked')
    },
    () => undefined,
  )
  await pause(5)
  t.same(stop(), undefined)
})
