import t from 'tap'
import { within } from '../../../cli/doctor/within.ts'

t.test('what comes in time, and what does not', async (t) => {
  t.equal(await within(60_000, Promise.resolve('work'), 'late'), 'work')
  t.equal(await within(1, new Promise(() => undefined), 'late'), 'late')
  await t.rejects(within(60_000, Promise.reject(new Error('broken')), 'late'), {
    message: 'broken',
  })
})

t.test('an error after the deadline ends nobody', async (t) => {
  let reject: (error: Error) => void = () => undefined
  const work = new Promise<never>((_, no) => {
    reject = no
  })
  t.equal(await within(1, work, 'late'), 'late')
  reject(new Error('too late'))
  await new Promise((resolve) => setImmediate(resolve))
})
