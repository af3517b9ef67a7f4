import t from 'tap'
import {
  type DaemonFacts,
  reportHealth,
  reportStatus,
} from '../../../daemon/broker/report-status.ts'

const ANOMALY = { time: '2030-01-01T00:00:00.000Z', event: 'anomaly.burst', reason: 'many' }

const facts: DaemonFacts = {
  version: '1.2.3',
  pid: 7,
  startedAt: Date.UTC(2030, 0, 1),
  configPath: '/etc/config.toml',
  sockets: { broker: '/run/broker.sock' },
  activation: 'systemd',
  configProblem: () => undefined,
  vaultState: () => ({ kind: 'sealed', detail: 'on disk' }),
  grants: () => 2,
  unsavedGrants: () => 0,
  pendingLogins: () => 1,
  openConnections: () => 3,
  refusedPeers: () => 4,
  counters: () => ({ cached_tokens: 5 }),
  recentAnomalies: () => [ANOMALY],
  brokenGlass: () => [],
}

t.test(
  'the daemon is well while its vault is open and saved and its configuration in order',
  async (t) => {
    const cases: readonly [Partial<DaemonFacts>, string][] = [
      [{}, 'ok'],
      [{ vaultState: () => ({ kind: 'memory', detail: '' }) }, 'ok'],
      [{ vaultState: () => ({ kind: 'locked', detail: '' }) }, 'degraded'],
      [{ configProblem: () => 'x:1:1: broken' }, 'degraded'],
      [{ unsavedGrants: () => 1 }, 'degraded'],
    ]
    for (const [changes, status] of cases)
      t.same(reportHealth({ ...facts, ...changes }), { status, version: '1.2.3' })
  },
)

t.test('the status tells the owner everything', async (t) => {
  t.same(reportStatus(facts), {
    status: 'ok',
    version: '1.2.3',
    pid: 7,
    started_at: '2030-01-01T00:00:00.000Z',
    vault: { kind: 'sealed', detail: 'on disk' },
    config: { path: '/etc/config.toml' },
    grants: 2,
    pending_logins: 1,
    sockets: { broker: '/run/broker.sock' },
    activation: 'systemd',
    connections: { open: 3, refused_peers: 4 },
    counters: { cached_tokens: 5 },
    recent_anomalies: [ANOMALY],
  })
  const lifted = {
    grant: 'work',
    class: 'local',
    reason: 'a fire',
    lifted: ['no writing'],
    started_at: '2030-01-01T00:00:00.000Z',
    seconds_left: 60,
    used: 0,
  } as const
  t.same(reportStatus({ ...facts, brokenGlass: () => [lifted] }).break_glass, [lifted])
  const broken = reportStatus({ ...facts, configProblem: () => 'x:1:1: broken' })
  t.match(broken, { status: 'degraded', config: { problem: 'x:1:1: broken' } })
})
