import { EventEmitter } from 'node:events'
import t from 'tap'
import { type Entrance, OpenRequests } from '../../../daemon/api/open-requests.ts'

const CAPS = { perConnection: 2, perPid: 3, inAll: 12 }

function leave(entrance: Entrance | undefined): void {
  if (entrance !== undefined && entrance.kind !== 'cut') entrance.leave()
}

t.test('a connection, a process and all together have their share', async (t) => {
  const requests = new OpenRequests(CAPS)
  const [a, b, c] = [new EventEmitter(), new EventEmitter(), new EventEmitter()]
  const kinds = (...asked: readonly [EventEmitter, number][]): string[] =>
    asked.map(([connection, pid]) => requests.enter(connection, pid).kind)
  t.same(kinds([a, 1], [a, 1], [a, 1]), ['served', 'served', 'refused'], 'of one connection')
  t.same(kinds([b, 1], [b, 1]), ['served', 'refused'], 'of one process')
  t.same(kinds([c, 2], [c, 2]), ['served', 'served'], 'another process')
  for (let pid = 3; requests.open < 12; pid++)
    t.same(kinds([new EventEmitter(), pid]), ['served'], 'whoever has none yet')
  t.same(kinds([new EventEmitter(), 99]), ['refused'], 'of all')
  t.match(requests, { open: 12, unsentRefusals: 3, refused: 3 })
  t.same(
    [a, new EventEmitter()].map((one) => requests.unansweredOn(one)),
    [3, 0],
  )
})

t.test('greedy processes leave room for those that have nothing open', async (t) => {
  const requests = new OpenRequests({ perConnection: 100, perPid: 100, inAll: 64 })
  const greed = (pid: number): number => {
    const before = requests.open
    const connection = new EventEmitter()
    while (requests.enter(connection, pid).kind === 'served');
    return requests.open - before
  }
  t.same([1, 2, 3, 4].map(greed), [16, 12, 9, 7], 'a quarter of what was left')
  t.equal(requests.enter(new EventEmitter(), 5).kind, 'served')
})

t.test('refusals that cannot be sent have the same shares, and then nobody answers', async (t) => {
  const requests = new OpenRequests(CAPS)
  const [a, b] = [new EventEmitter(), new EventEmitter()]
  const kinds = Array.from({ length: 6 }, () => requests.enter(a, 1).kind)
  t.same(kinds, ['served', 'served', 'refused', 'refused', 'refused', 'cut'])
  requests.enter(b, 2)
  requests.enter(b, 2)
  const others = Array.from({ length: 4 }, () => requests.enter(b, 2).kind)
  t.same(others, ['refused', 'refused', 'refused', 'cut'])
  t.match(requests, { open: 4, unsentRefusals: 6, refused: 8 })
})

t.test('an answer makes room, and leaving twice no more than once', async (t) => {
  const requests = new OpenRequests(CAPS)
  const a = new EventEmitter()
  const [first, , refused] = [1, 2, 3].map(() => requests.enter(a, 1))
  for (const entrance of [first, first, refused, refused]) leave(entrance)
  t.match(requests, { open: 1, unsentRefusals: 0 })
  t.same([requests.enter(a, 1).kind, requests.enter(a, 1).kind], ['served', 'refused'])
})

t.test('a connection that closes takes all of its requests with it', async (t) => {
  const requests = new OpenRequests(CAPS)
  const a = new EventEmitter()
  const entrances = Array.from({ length: 3 }, () => requests.enter(a, 1))
  t.equal(a.listenerCount('close'), 1, 'one listener, however many requests')
  a.emit('close')
  t.match(requests, { open: 0, unsentRefusals: 0 })
  for (const entrance of entrances) leave(entrance)
  t.match(requests, { open: 0, unsentRefusals: 0 })
  t.equal(requests.enter(a, 1).kind, 'cut', 'whatever is parsed afterwards is nobody’s')
  t.equal(requests.processes, 0, 'and nothing of it is remembered')
  t.equal(requests.enter(new EventEmitter(), 1).kind, 'served')
})
