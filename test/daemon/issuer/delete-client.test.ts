import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { deleteClient } from '../../../daemon/issuer/delete-client.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { LOOPBACK_ROOM } from '../../issuers/log-in.ts'

t.test('every answer says whether the client is gone, and no more', async (t) => {
  let said: CannedAnswer | undefined
  const server = await startCannedServer(() => said)
  t.teardown(() => server.close())
  const remove = () =>
    deleteClient(LOOPBACK_ROOM, `${server.origin}/reg/1`, Secret.fromText('RAT-canary'))
  const table: readonly (readonly [CannedAnswer | undefined, object])[] = [
    [{ status: 204 }, { kind: 'deleted' }],
    [{ status: 200, body: 'RAT-canary' }, { kind: 'deleted' }],
    [{ status: 405 }, { kind: 'unsupported' }],
    [{ status: 501 }, { kind: 'unsupported' }],
    [
      { status: 401, body: '{"error":"invalid_token"}' },
      { kind: 'refused', reason: 'invalid_token' },
    ],
    [{ status: 401 }, { kind: 'refused', reason: 'invalid_client' }],
    [
      { status: 403, body: '{"error":"RAT-canary"}' },
      { kind: 'refused', reason: 'other' },
    ],
    [{ status: 404 }, { kind: 'refused', reason: 'status 404' }],
    [{ status: 500 }, { kind: 'failed', reason: 'status 500' }],
    [
      { status: 503, headers: { 'retry-after': '7' } },
      { kind: 'failed', reason: 'issuer asks to wait 7 s', retryAfterSeconds: 7 },
    ],
    [
      { status: 307, headers: { location: '/catch' } },
      { kind: 'failed', reason: 'redirect refused' },
    ],
    [undefined, { kind: 'failed', reason: 'connection lost' }],
  ]
  for (const [answer, expected] of table) {
    said = answer
    t.strictSame(await remove(), expected, JSON.stringify(answer))
  }
  t.equal(server.requests.length, table.length, 'nobody follows a redirect')
  t.match(server.requests[0], { method: 'DELETE', path: '/reg/1' })
  t.equal(server.requests[0]?.headers.authorization, 'Bearer RAT-canary')
})
