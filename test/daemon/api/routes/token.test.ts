import t from 'tap'
import { roomsWithGrant } from '../../../fakes/fake-rooms.ts'
import { API, samplePeer } from '../../../fakes/sample-grant.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('a token is answered as JSON that nobody keeps', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  const answer = await served.ask('POST', '/v1/token', { grant: 'work' })
  t.equal(answer.status, 200)
  t.match(answer.type, /^application\/json/)
  t.match(answer.head, /cache-control: no-store/i)
  t.same(answer.json, {
    access_token: 'at-2',
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'repo:read repo:write',
    audience: API,
    grant: 'work',
    generation: 2,
  })
})

t.test('as plain text it is the token and a newline', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  const plain = { Accept: 'text/plain' }
  const answer = await served.ask('POST', '/v1/token', { grant: 'work' }, plain)
  t.equal(answer.text, 'at-2\n')
  t.equal(answer.type, 'text/plain; charset=utf-8')
  t.match(answer.head, /cache-control: no-store/i)
  const refused = await served.ask('POST', '/v1/token', { grant: 'nobody' }, plain)
  t.equal(refused.status, 404)
  t.match(refused.json, { code: 'unknown_grant', hint: 'grantd login nobody' })
})

t.test('whoever would take both gets JSON, and a range that prefers text gets text', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  const typeFor = async (accept: string): Promise<string> =>
    (await served.ask('POST', '/v1/token', { grant: 'work' }, { Accept: accept })).type
  t.match(await typeFor('text/plain, */*;q=0.1'), /^text\/plain/)
  t.match(await typeFor('*/*'), /^application\/json/)
})

t.test('a refusal names its code, and when to come back', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.next({ kind: 'retry_later', retryAfterSeconds: 11 })
  const served = await serveRooms(t, rooms, 'broker')
  const answer = await served.ask('POST', '/v1/token', { grant: 'work' })
  t.equal(answer.status, 503)
  t.match(answer.json, { code: 'issuer_unreachable', retry_after: 11 })
})

t.test('a relay gets no token', async (t) => {
  const rooms = await roomsWithGrant()
  const served = await serveRooms(t, rooms, 'broker', {
    peer: () => samplePeer({ class: 'relay' }),
  })
  const answer = await served.ask('POST', '/v1/token', { grant: 'work' })
  t.match(answer.json, { code: 'unauthorized_peer' })
  t.match(rooms.audit.last, { event: 'token.denied', peer: { class: 'relay' } })
})
