import t from 'tap'
import { Flights } from '../../../daemon/refresh/flights.ts'
import { deferred } from '../../fakes/deferred.ts'

t.test('64 callers who want the same share one flight', async (t) => {
  const flights = new Flights<number>({ maxWaiting: 64 })
  const gate = deferred<number>()
  let started = 0
  const fly = (): Promise<number> => {
    started += 1
    return gate.promise
  }
  const callers = Array.from({ length: 64 }, () => flights.join('g', 'k', fly))
  t.equal(flights.size, 1)
  gate.resolve(7)
  t.same(
    await Promise.all(callers),
    Array.from({ length: 64 }, () => 7),
  )
  t.equal(started, 1)
  await flights.landed()
  t.equal(flights.size, 0)
  await flights.join('g', 'k', async () => 8)
  t.equal(started, 1, 'a later caller has a flight of its own')
})

t.test(
  'flights of one grant are never in the air together, those of others are not delayed',
  async (t) => {
    const flights = new Flights<string>({ maxWaiting: 64 })
    const air: string[] = []
    const log: string[] = []
    const gates = ['one', 'two', 'three'].map((key) => ({ key, gate: deferred() }))
    const results = gates.map(({ key, gate }) =>
      flights.join('g', key, async () => {
        air.push(key)
        log.push(air.join('+'))
        await gate.promise
        air.splice(air.indexOf(key), 1)
        return key
      }),
    )
    t.equal(await flights.join('other', 'k', async () => 'at once'), 'at once')
    await flights.idle('other')
    t.equal(flights.size, 3)
    for (const { gate } of gates) gate.resolve()
    t.same(await Promise.all(results), ['one', 'two', 'three'])
    t.same(log, ['one', 'two', 'three'])
  },
)

t.test('an error reaches those who wait for it and does not poison the line', async (t) => {
  const flights = new Flights<string>({ maxWaiting: 64 })
  const gate = deferred<string>()
  const first = flights.join('g', 'bad', () => gate.promise)
  const joined = flights.join('g', 'bad', () => gate.promise)
  const next = flights.join('g', 'good', async () => 'fine')
  gate.reject(new Error('lost'))
  await t.rejects(first, { message: 'lost' })
  await t.rejects(joined, { message: 'lost' })
  t.equal(await next, 'fine')
  await flights.idle('g')
  t.equal(flights.size, 0)
})

t.test('a start that throws at once is an error like any other', async (t) => {
  const flights = new Flights<string>({ maxWaiting: 64 })
  const thrown = flights.join('g', 'k', () => {
    throw new Error('at once')
  })
  await t.rejects(thrown, { message: 'at once' })
  await flights.landed()
  t.equal(flights.size, 0)
})

t.test('a line that is too long is refused, and joining one of its flights is not', async (t) => {
  const flights = new Flights<string>({ maxWaiting: 2 })
  const gate = deferred<string>()
  const waiting = [
    flights.join('g', '1', () => gate.promise),
    flights.join('g', '2', () => gate.promise),
  ]
  await t.rejects(
    flights.join('g', '3', () => gate.promise),
    { code: 'overloaded', retryAfterSeconds: 1 },
  )
  waiting.push(flights.join('g', '2', () => gate.promise))
  gate.resolve('ok')
  t.same(await Promise.all(waiting), ['ok', 'ok', 'ok'])
  t.equal(flights.refused, 1)
})

t.test('idle waits for all of one grant, landed for all', async (t) => {
  const flights = new Flights<string>({ maxWaiting: 64 })
  await flights.idle('g')
  await flights.landed()
  const first = deferred<string>()
  const second = deferred<string>()
  const other = deferred<string>()
  const ended: string[] = []
  void flights.join('g', '1', () => first.promise)
  void flights.join('g', '2', () => second.promise).catch(() => undefined)
  void flights.join('h', '1', () => other.promise)
  const idle = flights.idle('g').then(() => ended.push('idle'))
  const landed = flights.landed().then(() => ended.push('landed'))
  first.resolve('')
  await new Promise(setImmediate)
  t.same(ended, [])
  second.reject(new Error('lost'))
  await idle
  t.same(ended, ['idle'])
  other.resolve('')
  await landed
  t.same(ended, ['idle', 'landed'])
})
