import { EventEmitter } from 'node:events'
import t from 'tap'
import { LongPolls } from '../../../daemon/api/long-polls.ts'
import type { LoginEnd, PendingLogin } from '../../../daemon/broker/pending-login.ts'
import { deferred } from '../../fakes/deferred.ts'

const CANCELLED: LoginEnd = { state: 'cancelled' }

/** As much of a login as somebody waits for. */
function pendingLogin() {
  const { promise, resolve } = deferred<LoginEnd>()
  const login = { ended: promise } as PendingLogin
  return {
    login,
    end: (): void => {
      login.end = CANCELLED
      resolve(CANCELLED)
    },
  }
}

t.test('nobody waits for nothing, nor for what is over', async (t) => {
  const polls = new LongPolls({ perLogin: 0, inAll: 0 })
  const { login, end } = pendingLogin()
  await polls.untilEnd(login, 0, new EventEmitter())
  end()
  await polls.untilEnd(login, 25, new EventEmitter())
  t.equal(polls.waiting, 0)
})

t.test('the end of a login ends every wait for it, and for no other', async (t) => {
  const polls = new LongPolls({ perLogin: 2, inAll: 3 })
  const [one, other] = [pendingLogin(), pendingLogin()]
  const connection = new EventEmitter()
  const waits = [1, 2].map(() => polls.untilEnd(one.login, 25, connection))
  const rest = polls.untilEnd(other.login, 25, connection)
  t.equal(connection.listenerCount('close'), 1, 'one listener, however many wait')
  one.end()
  await Promise.all(waits)
  t.equal(polls.waiting, 1)
  other.end()
  await rest
  t.equal(polls.waiting, 0)
})

t.test('who finds no room is told when to come back', async (t) => {
  const polls = new LongPolls({ perLogin: 2, inAll: 3 })
  const [one, other] = [pendingLogin(), pendingLogin()]
  const full = { code: 'overloaded', retryAfterSeconds: 5 }
  const waits = [1, 2].map(() => polls.untilEnd(one.login, 25, new EventEmitter()))
  await t.rejects(polls.untilEnd(one.login, 25, new EventEmitter()), full, 'for one login')
  const third = polls.untilEnd(other.login, 25, new EventEmitter())
  await t.rejects(polls.untilEnd(other.login, 25, new EventEmitter()), full, 'for all')
  t.equal(polls.refused, 2)
  one.end()
  await Promise.all(waits)
  const fourth = polls.untilEnd(other.login, 25, new EventEmitter())
  t.equal(polls.waiting, 2, 'whose wait is over makes room')
  other.end()
  await Promise.all([third, fourth])
})

t.test('a wait ends with its time, and with its connection', async (t) => {
  const polls = new LongPolls({ perLogin: 2, inAll: 3 })
  const { login } = pendingLogin()
  await polls.untilEnd(login, 0.01, new EventEmitter())
  const connection = new EventEmitter()
  const wait = polls.untilEnd(login, 25, connection)
  connection.emit('close')
  await wait
  t.equal(polls.waiting, 0)
})
