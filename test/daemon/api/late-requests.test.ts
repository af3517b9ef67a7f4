import { EventEmitter } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { LateRequests } from '../../../daemon/api/late-requests.ts'

/** Connections, their unanswered requests, and those that were ended. */
function world(t: Test) {
  const connection = new EventEmitter()
  t.teardown(() => void connection.emit('close'))
  const ended: unknown[] = []
  const say = { unanswered: 0 }
  const late = new LateRequests<EventEmitter>({
    requests: { unansweredOn: () => say.unanswered },
    graceMs: 1,
    end: (one) => void ended.push(one),
  })
  return { connection, ended, say, late }
}

t.test('what waits for nobody is ended at once', async (t) => {
  const { connection, ended, say, late } = world(t)
  late.late(connection)
  t.same(ended, [connection], 'half a head')
  say.unanswered = 1
  late.entered(connection, { complete: false })
  late.late(connection)
  t.equal(ended.length, 2, 'half a body: only itself has no answer')
})

t.test('behind others nothing is ended before they are answered', async (t) => {
  const { connection, ended, say, late } = world(t)
  say.unanswered = 2
  late.entered(connection, { complete: true })
  late.late(connection)
  late.late(connection)
  await setTimeout(20)
  t.same(ended, [])
  say.unanswered = 0
  while (ended.length === 0) await setTimeout(1)
  t.equal(ended.length, 1, 'half a head that nothing followed')
})

t.test('a request that came through meanwhile is no reason to end anything', async (t) => {
  const { connection, ended, say, late } = world(t)
  say.unanswered = 2
  late.late(connection)
  late.entered(connection, { complete: true })
  say.unanswered = 0
  await setTimeout(20)
  t.same(ended, [])
  late.late(connection)
  t.equal(ended.length, 1, 'the next one has deadlines of its own')
})

t.test('half a body behind others is ended too', async (t) => {
  const { connection, ended, say, late } = world(t)
  say.unanswered = 2
  late.late(connection)
  late.entered(connection, { complete: false })
  say.unanswered = 1
  while (ended.length === 0) await setTimeout(1)
  t.equal(ended.length, 1)
})

t.test('a connection that closes is looked at no more', async (t) => {
  const { connection, ended, say, late } = world(t)
  say.unanswered = 2
  late.late(connection)
  connection.emit('close')
  say.unanswered = 0
  await setTimeout(20)
  t.same(ended, [])
})
