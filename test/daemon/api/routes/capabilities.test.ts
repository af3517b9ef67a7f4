import type { CapabilityRequest } from '@grantd/client/protocol'
import t from 'tap'
import { capabilitiesRoute } from '../../../../daemon/api/routes/capabilities.ts'
import { capabilityDetail } from '../../../../daemon/broker/new-capability.ts'
import type { Caller } from '../../../../daemon/broker/rooms.ts'
import { roomsWithGrant } from '../../../fakes/fake-rooms.ts'
import { sampleCapability } from '../../../fakes/sample-capability.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('capabilities are listed, added and removed by whoever the kernel names', async (t) => {
  const detail = capabilityDetail(sampleCapability())
  const asked: unknown[] = []
  const capabilities = {
    list: () => ({ capabilities: [detail] }),
    add: async ({ peer }: Caller, request: CapabilityRequest) => {
      asked.push(peer.pid, request)
      return detail
    },
    remove: async ({ peer }: Caller, name: string) => {
      asked.push(peer.pid, name)
      return detail
    },
  }
  const served = await serveRooms(t, await roomsWithGrant(), 'admin', {
    more: (callerOf) => [capabilitiesRoute(capabilities, callerOf)],
  })
  t.match(await served.ask('GET', '/v1/capabilities'), {
    status: 200,
    json: { capabilities: [detail] },
  })
  const whole = {
    name: 'ci',
    grant: 'work',
    scope: 'repo:read',
    audience: 'https://api.example',
    max_ttl: 60,
    uses: 1,
    expires_in: 1,
    path: '/run/s',
    bind_pid: 1,
    gid: 0,
  }
  t.match(await served.ask('POST', '/v1/capabilities', whole), { status: 200, json: detail })
  t.match(await served.ask('DELETE', '/v1/capabilities/ci'), { status: 200, json: detail })
  const [pid] = asked
  t.same(asked, [pid, whole, pid, 'ci'])
  for (const wrong of [
    { name: '../ci' },
    { max_ttl: 59 },
    { max_ttl: 3_601 },
    { uses: 0 },
    { uses: 1_000_001 },
    { expires_in: 0 },
    { expires_in: 2_592_001 },
    { path: 'relative' },
    { path: '/a\nb' },
    { path: '/\u202e' },
    { bind_pid: 0 },
    { gid: -1 },
    { more: 1 },
  ])
    t.match(
      await served.ask('POST', '/v1/capabilities', { ...whole, ...wrong }),
      { status: 400, json: { code: 'invalid_request' } },
      JSON.stringify(wrong),
    )
  t.equal(asked.length, 4)
})
