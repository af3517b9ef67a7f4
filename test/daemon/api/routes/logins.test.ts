import type { LoginView } from '@grantd/client/protocol'
import t from 'tap'
import { fakeRooms } from '../../../fakes/fake-rooms.ts'
import { ISSUER } from '../../../fakes/sample-grant.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

const request = {
  grant: 'work',
  issuer: ISSUER,
  client_id: 'c',
  client_secret: 'hush',
  flow: 'device',
}

t.test('a login is started, joined, polled and complete', async (t) => {
  const rooms = fakeRooms()
  const served = await serveRooms(t, rooms, 'admin')
  const started = await served.ask('POST', '/v1/logins', request)
  t.match(started.json, {
    grant: 'work',
    state: 'pending',
    joined: false,
    user_code: 'ABCD',
    verification_uri: `${ISSUER}/device`,
    expires_in: 600,
  })
  t.notMatch(started.text, /hush/)
  const { id } = started.json as LoginView
  t.match((await served.ask('POST', '/v1/logins', request)).json, { id, joined: true })
  t.match((await served.ask('GET', `/v1/logins/${id}`)).json, { state: 'pending' })
  const polling = served.ask('GET', `/v1/logins/${id}?wait=25`)
  rooms.issuers.logins[0]?.approve()
  t.match((await polling).json, { state: 'complete', result: { grant: 'work', state: 'active' } })
  t.match((await served.ask('GET', `/v1/logins/${id}?wait=25`)).json, { state: 'complete' })
})

t.test('a long poll ends by itself', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'admin')
  const { id } = (await served.ask('POST', '/v1/logins', request)).json as LoginView
  t.match((await served.ask('GET', `/v1/logins/${id}?wait=1`)).json, { state: 'pending' })
})

t.test('a login can be cancelled, and one that failed says why', async (t) => {
  const rooms = fakeRooms()
  const served = await serveRooms(t, rooms, 'admin')
  const first = (await served.ask('POST', '/v1/logins', request)).json as LoginView
  t.match((await served.ask('DELETE', `/v1/logins/${first.id}`)).json, { state: 'cancelled' })
  const second = (await served.ask('POST', '/v1/logins', request)).json as LoginView
  rooms.issuers.logins[1]?.end({ kind: 'denied' })
  t.match((await served.ask('GET', `/v1/logins/${second.id}?wait=25`)).json, {
    state: 'failed',
    problem: { code: 'access_denied', status: 403, type: 'urn:grantd:error:access_denied' },
  })
})

t.test('what is not there, or makes no sense, is refused', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'admin')
  const nobody = 'x'.repeat(22)
  t.equal((await served.ask('GET', `/v1/logins/${nobody}`)).status, 404)
  t.equal((await served.ask('DELETE', `/v1/logins/${nobody}`)).status, 404)
  t.equal((await served.ask('GET', '/v1/logins/short')).status, 400)
  for (const query of ['wait=26', 'wait=-1', 'wait=', 'wait=1&wait=2', 'wait[]=1', 'other=1'])
    t.equal((await served.ask('GET', `/v1/logins/${nobody}?${query}`)).status, 400, query)
  t.equal((await served.ask('POST', '/v1/logins', { ...request, flow: 'x' })).status, 400)
})
