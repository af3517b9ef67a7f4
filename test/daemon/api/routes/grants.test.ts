import t from 'tap'
import { roomsWithGrant } from '../../../fakes/fake-rooms.ts'
import { API, ISSUER } from '../../../fakes/sample-grant.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('the admin listener shows everything of a grant but its secrets', async (t) => {
  const rooms = await roomsWithGrant()
  const served = await serveRooms(t, rooms, 'admin')
  const detail = {
    grant: 'work',
    state: 'active',
    issuer: ISSUER,
    client_id: 'client',
    flow: 'device',
    scopes: { [API]: 'repo:read repo:write' },
    audiences: [API],
    scope_narrowing: 'honored',
    generation: 1,
    created_at: '2029-01-01T00:00:00.000Z',
    revocation: 'none',
    verified: false,
    access_tokens: { revoked: 0, unsupported: 0, failed: 0 },
    exposure: ['never_expiring', 'unused_30d'],
  }
  t.same((await served.ask('GET', '/v1/grants')).json, { grants: [detail], replaced: [] })
  t.same((await served.ask('GET', '/v1/grants/work')).json, detail)
})

t.test('what is not there, or could not be a name, is refused', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'admin')
  t.equal((await served.ask('GET', '/v1/grants/nobody')).status, 404)
  for (const name of ['..', '%2e%2e%2f', 'a%00', '%1b[31m', '-x', 'x'.repeat(65)])
    t.equal((await served.ask('GET', `/v1/grants/${name}`)).status, 400, name)
})
