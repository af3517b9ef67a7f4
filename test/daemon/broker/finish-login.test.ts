import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { EXPIRED, finishLogin } from '../../../daemon/broker/finish-login.ts'
import type { StartedLogin } from '../../../daemon/issuer/issuer.ts'
import { fakeRooms, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, ISSUER } from '../../fakes/sample-grant.ts'

type Answer = Awaited<ReturnType<StartedLogin['finished']>>

const LOGIN = {
  id: 'new',
  client: { clientId: 'c', isRegistered: false, isNew: false },
  request: { grant: 'work', issuer: ISSUER, client_id: 'c', flow: 'device', audience: [API] },
  metadata: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` },
} as const

function scene(notice?: string) {
  const rooms = fakeRooms()
  const place = { rooms, caller: sampleCaller({ listener: 'admin' }), noticeOf: () => notice }
  const finish = async (come: () => Answer, signal = new AbortController().signal) =>
    await finishLogin(place, LOGIN, { expiresInSeconds: 60, finished: async () => come() }, signal)
  return { rooms, finish }
}

const answered = (): Answer => ({
  kind: 'answered',
  refreshToken: Secret.fromText('rt-login'),
  answer: { accessToken: 'at', tokenType: 'Bearer', scope: ['a'], expiresInSeconds: 60 },
})

t.test('an answer is kept, and what the person must know is told', async (t) => {
  const { rooms, finish } = scene('grants are kept in memory')
  t.match(await finish(answered), {
    state: 'complete',
    result: { grant: 'work' },
    notice: 'grants are kept in memory',
  })
  t.equal(rooms.disk.record('new')?.refreshToken?.reveal(), 'rt-login')
  t.match(await scene().finish(answered), { state: 'complete', notice: undefined }, 'or nothing is')
})

t.test('what was cancelled is on record as that, unless its time was over', async (t) => {
  const { rooms, finish } = scene()
  t.same(await finish(() => ({ kind: 'cancelled' })), { state: 'cancelled' })
  t.match(rooms.audit.last, { event: 'login.cancelled', grant: 'work' })
  const over = AbortSignal.abort(EXPIRED)
  t.match(await finish(() => ({ kind: 'cancelled' }), over), { state: 'failed' })
  t.match(rooms.audit.last, { event: 'login.failed', grant: 'work' })
})

t.test('a mistake of ours fails it, and says nothing of itself', async (t) => {
  const { rooms, finish } = scene()
  const end = await finish(() => {
    throw new TypeError('CANARY')
  })
  t.match(end, { state: 'failed', error: { code: 'internal_error' } })
  t.notMatch(JSON.stringify(end), 'CANARY')
  t.match(rooms.audit.last, { event: 'login.failed', reason: 'internal_error' })
})
