import t from 'tap'
import { daemonFacts, type FactSources } from '../../../daemon/wiring/daemon-facts.ts'
import { createLobby } from '../../../daemon/wiring/make-servers.ts'
import { FakeDoor } from '../../fakes/fake-door.ts'
import { roomsWithGrant } from '../../fakes/fake-rooms.ts'

const ANOMALY = { time: '2030-01-01T00:00:00.000Z', event: 'anomaly.burst', reason: 'many' }

async function sources(isLocked: boolean): Promise<FactSources> {
  const rooms = await roomsWithGrant()
  const door = new FakeDoor([])
  return {
    version: '1.2.3',
    startedAt: 5,
    sockets: { broker: '/b' },
    activation: 'none',
    config: { path: '/c', problem: () => 'broken' },
    door: {
      facts: () => ({ ...door.facts(), hint: 'do this' }),
      state: () => ({ kind: isLocked ? 'locked' : 'memory', detail: 'so it is' }),
      current: () => {
        if (isLocked) throw new Error('nobody asks a locked vault')
        return rooms.vault()
      },
    },
    rooms,
    logins: { pending: 2, refused: 8 },
    reader: { refused: 9 },
    gate: { openConnections: () => 3, refusedPeers: () => 4, connectionsOverLimit: () => 5 },
    lobby: createLobby(),
    desk: { pending: 6, refused: 7 },
    watch: { total: 11, untold: 12, recent: [ANOMALY] },
    hooks: { failed: 13, dropped: 14 },
    glass: { list: () => [] },
  }
}

t.test('facts are read when somebody asks for them', async (t) => {
  const facts = daemonFacts(await sources(false))
  t.match(facts, { version: '1.2.3', pid: process.pid, startedAt: 5, configPath: '/c' })
  t.equal(facts.configProblem(), 'broken')
  t.match(facts.vaultState(), { kind: 'memory', hint: 'do this' })
  t.equal(facts.grants(), 1)
  t.same(facts.recentAnomalies(), [ANOMALY])
  t.equal(facts.unsavedGrants(), 0)
  t.same([facts.pendingLogins(), facts.openConnections(), facts.refusedPeers()], [2, 3, 4])
  t.same(facts.brokenGlass(), [])
  t.match(facts.counters(), {
    cached_tokens: 0,
    open_requests: 0,
    rate_limited_requests: 0,
    rate_limited_by_rules: 0,
    refused_connections: 5,
    refused_logins: 8,
    refused_audit_reads: 9,
    refused_exchanges: 0,
    refused_long_polls: 0,
    late_requests: 0,
    oversized_requests: 0,
    evicted_tokens: 0,
    long_polls: 0,
    pending_prompts: 6,
    prompts_refused: 7,
    anomalies: 11,
    untold_anomalies: 12,
    anomaly_hooks_failed: 13,
    anomaly_hooks_dropped: 14,
  })
})

t.test('a locked vault has nothing to count', async (t) => {
  const facts = daemonFacts(await sources(true))
  t.same([facts.grants(), facts.unsavedGrants()], [0, 0])
})
