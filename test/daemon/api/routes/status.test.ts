import t from 'tap'
import { fakeRooms } from '../../../fakes/fake-rooms.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

const ANOMALY = {
  time: '2030-01-01T00:00:00.000Z',
  event: 'anomaly.new_class',
  reason: 'new',
  grant: 'work',
  capability: 'ci',
  pid: 7,
  class: 'container',
  executable: '/usr/bin/git',
}

t.test('the owner sees how the daemon is in full', async (t) => {
  const facts = {
    counters: () => ({ cached_tokens: 2 }),
    sockets: { broker: '/b.sock' },
    activation: 'none' as const,
    recentAnomalies: () => [{ ...ANOMALY, token: 'never' }],
  }
  const served = await serveRooms(t, fakeRooms(), 'admin', { facts })
  t.same((await served.ask('GET', '/v1/status')).json, {
    status: 'ok',
    version: '1.2.3',
    pid: 1,
    started_at: '1970-01-01T00:00:00.000Z',
    vault: { kind: 'memory', detail: 'in memory' },
    config: { path: '/config.toml' },
    grants: 1,
    pending_logins: 0,
    sockets: { broker: '/b.sock' },
    activation: 'none' as const,
    connections: { open: 1, refused_peers: 0 },
    counters: { cached_tokens: 2 },
    recent_anomalies: [ANOMALY],
  })
})
