import t from 'tap'
import { roomsWithGrant } from '../../../fakes/fake-rooms.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('a revocation is told with what the issuer said and until when tokens work', async (t) => {
  const rooms = await roomsWithGrant({ accessTokensExpireAt: Date.UTC(2031, 0, 1) })
  const served = await serveRooms(t, rooms, 'admin')
  const answer = await served.ask('POST', '/v1/grants/work/revoke')
  t.equal(answer.status, 200)
  t.same(answer.json, {
    grant: 'work',
    revocation: 'revoked_at_issuer',
    verified: true,
    access_tokens: { revoked: 0, unsupported: 0, failed: 0 },
    residual_until: '2031-01-01T00:00:00.000Z',
  })
  t.match(rooms.audit.entries[0], { event: 'grant.revoked', peer: { pid: 4242 } })
})

t.test('what is not there cannot be revoked, and nothing may come along', async (t) => {
  const rooms = await roomsWithGrant()
  const served = await serveRooms(t, rooms, 'admin')
  t.equal((await served.ask('POST', '/v1/grants/nobody/revoke')).status, 404)
  const refused = { code: 'invalid_request' }
  for (const body of [{}, { foo: 1 }])
    t.match((await served.ask('POST', '/v1/grants/work/revoke', body)).json, refused)
  t.match((await served.ask('POST', '/v1/grants/work/revoke?x=1')).json, refused)
  t.same(rooms.steps, [])
  const empty = { 'Content-Length': '0' }
  t.equal((await served.ask('POST', '/v1/grants/work/revoke', undefined, empty)).status, 200)
})

t.test('everything ends with one request, and nothing may come along', async (t) => {
  const rooms = await roomsWithGrant()
  const served = await serveRooms(t, rooms, 'admin')
  t.match((await served.ask('POST', '/v1/revoke-all', {})).json, { code: 'invalid_request' })
  t.match((await served.ask('POST', '/v1/revoke-all?x=1')).json, { code: 'invalid_request' })
  t.same(rooms.steps, [])
  const answer = await served.ask('POST', '/v1/revoke-all')
  t.match(answer, {
    status: 200,
    json: {
      grants: [{ grant: 'work', revocation: 'revoked_at_issuer', verified: true }],
      failed: [],
      broken: [],
      cancelled_logins: 0,
    },
  })
  const broker = await serveRooms(t, rooms, 'broker')
  t.match((await broker.ask('POST', '/v1/revoke-all')).json, { code: 'invalid_request' })
})
