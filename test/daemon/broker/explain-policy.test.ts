import type { PolicyExplainRequest } from '@grantd/client/protocol'
import t from 'tap'
import { explainPolicy, type PolicyRooms } from '../../../daemon/broker/explain-policy.ts'
import type { PolicyFiles } from '../../../daemon/broker/report-policy.ts'
import { NO_RULES } from '../../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import type { Rule } from '../../../daemon/config/rule.ts'
import type { Peer } from '../../../daemon/peer/peer.ts'
import { currentPolicy } from '../../../daemon/policy/current-policy.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleInquiry } from '../../fakes/local-peer.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'
import { sampleRule } from '../../fakes/sample-rule.ts'

const files: PolicyFiles = {
  problem: () => undefined,
  current: () => ({ ...DEFAULT_CONFIG, ceiling: {}, policy: NO_RULES }),
  system: undefined,
  user: { path: '/u', hash: () => undefined, problem: () => undefined },
}

/** Asks about `/usr/bin/git` under the user's rules, on a Monday at ten. */
async function world(...user: readonly Rule[]) {
  const rooms = await roomsWithGrant()
  const processes = new Map<number, Peer>()
  const policy: PolicyRooms = {
    ...rooms,
    files,
    policy: currentPolicy({
      rules: () => ({ ...NO_RULES, user }),
      time: () => ({ day: 'mon', minute: 600 }),
    }),
    lookUp(pid) {
      const peer = processes.get(pid)
      if (peer === undefined) return undefined
      const release = () => void processes.delete(pid)
      const inquiry = sampleInquiry({ executableHash: async () => 'ab' })
      return { peer, inquiry, isSameProcess: () => true, release }
    },
  }
  const ask = async (request: Partial<PolicyExplainRequest> = { executable: '/usr/bin/git' }) =>
    await explainPolicy(policy, sampleCaller({ listener: 'admin' }), { grant: 'work', ...request })
  return { rooms, processes, ask }
}

t.test('a decision is told with every rule', async (t) => {
  const { rooms, ask } = await world(
    sampleRule('allow', {
      selectors: { executable: ['/usr/bin/git'] },
      terms: { consent: { seconds: 900 } },
    }),
    sampleRule('limit', {
      terms: { maxScope: ['repo:read'], maxLifetimeSeconds: 300, rate: { tokens: 1, seconds: 9 } },
    }),
  )
  t.same(await ask(), {
    peer: { class: 'local', gid: 1000, executable: '/usr/bin/git' },
    decision: 'allow',
    rule: 'allow',
    limits: ['limit'],
    scope: 'repo:read',
    max_lifetime: 300,
    consent: '15m',
    rates: [{ rule: 'limit', tokens: 1, seconds: 9 }],
    offline: true,
    rules: [
      {
        level: 'user',
        name: 'allow',
        effect: 'allow',
        verdict: 'allows',
        why: 'fits best of all that allow',
      },
      { level: 'user', name: 'limit', effect: 'limit', verdict: 'narrows', why: 'fits' },
    ],
  })
  t.same(rooms.steps, [], 'nothing is handed out, sent or recorded')
})

t.test('a no is told with the code a request would get', async (t) => {
  const { ask } = await world()
  t.match(await ask({ executable: '/x', class: 'relay' }), {
    peer: { class: 'relay' },
    decision: 'deny',
    rule: 'built-in',
    code: 'unauthorized_peer',
    reason: 'no rule names the class "relay"',
  })
  t.match(await ask({ executable: '/x', class: 'relay', capability: 'ci' }), { decision: 'allow' })
  t.match(await ask({ executable: '/x', scope: 'admin' }), {
    code: 'access_denied',
    reason: 'the scope goes beyond the grant',
  })
  t.match(await ask({ executable: '/x', audience: 'https://x.example' }), { decision: 'deny' })
})

t.test('who might ask is put together from what is said', async (t) => {
  const { ask } = await world(
    sampleRule('allow', {
      selectors: { unit: ['a.service'], gid: [7], executableSha256: ['cd'], listener: ['broker'] },
    }),
  )
  const all = { executable: '/x', unit: 'a.service', gid: 7, executable_sha256: 'cd' }
  t.match(await ask(all), {
    decision: 'allow',
    peer: { unit: 'a.service', gid: 7, executable_sha256: 'cd' },
  })
  t.match(await ask({ ...all, listener: 'capability' }), { decision: 'deny' })
  t.match(await ask({ ...all, gid: 8 }), { decision: 'deny' })
})

t.test('another time can be asked about', async (t) => {
  const { ask } = await world(sampleRule('deny', { window: { hours: { from: 1320, to: 360 } } }))
  const executable = '/x'
  t.match(await ask({ executable }), { decision: 'allow' })
  t.match(await ask({ executable, at: '23:10' }), { decision: 'deny' })
  const friday = await world(sampleRule('deny', { window: { days: ['fri'] } }))
  t.match(await friday.ask({ executable, at: 'fri 09:00' }), { decision: 'deny' })
  t.match(await friday.ask({ executable, at: 'sat 09:00' }), { decision: 'allow' })
})

t.test('a process is looked at, and its hash read only where a rule has one', async (t) => {
  const plain = await world()
  plain.processes.set(42, samplePeer({ unit: 'b.service' }))
  t.match(await plain.ask({ pid: 42 }), {
    decision: 'allow',
    peer: { pid: 42, executable: '/usr/bin/tool', unit: 'b.service', executable_sha256: undefined },
  })
  t.equal(plain.processes.size, 0, 'it was let go')
  const hashed = await world(sampleRule('deny', { selectors: { executableSha256: ['ab'] } }))
  hashed.processes.set(42, samplePeer())
  t.match(await hashed.ask({ pid: 42 }), { decision: 'deny', peer: { executable_sha256: 'ab' } })
})

t.test('a question that makes no sense is refused', async (t) => {
  const { ask } = await world()
  const table: readonly (readonly [Partial<PolicyExplainRequest>, string, string])[] = [
    [{}, 'invalid_request', 'one of "pid" and "executable" is needed'],
    [{ pid: 1, executable: '/x' }, 'invalid_request', 'one of "pid" and "executable" is needed'],
    [{ pid: 1, unit: 'a.service' }, 'invalid_request', '"unit" does not go with "pid"'],
    [{ pid: 7 }, 'invalid_request', 'there is no process 7, or nothing is known of it'],
    [{ executable: '/x', grant: 'nobody' }, 'unknown_grant', 'no grant "nobody"'],
  ]
  for (const [request, code, message] of table) await t.rejects(ask(request), { code, message })
})

t.test('what is tried out is told too', async (t) => {
  const rooms = await roomsWithGrant()
  const policy = currentPolicy({
    rules: () => ({ mode: 'audit', system: [], user: [sampleRule('deny')] }),
    time: () => ({ day: 'mon', minute: 600 }),
  })
  const told = await explainPolicy(
    { ...rooms, files, policy, lookUp: () => undefined },
    sampleCaller({ listener: 'admin' }),
    { grant: 'work', executable: '/x' },
  )
  t.match(told, { decision: 'allow', would_deny: { rule: 'deny', reason: 'a rule denies it' } })
})

t.test('what is lifted now is told, and of another time nobody knows', async (t) => {
  const { rooms, ask } = await world(sampleRule('deny', { name: 'no', isBreakGlass: true }))
  const verdict = async (request: Partial<PolicyExplainRequest> = {}): Promise<unknown> =>
    (await ask({ executable: '/usr/bin/git', ...request })).rules[0]?.verdict
  t.equal(await verdict(), 'denies')
  const lift = { reason: 'fire', class: 'local', seconds: 60, rules: ['no'] } as const
  rooms.glass.begin({ ...lift, grant: 'work', grantId: 'grant-1' })
  t.equal(await verdict(), 'lifted')
  t.equal(await verdict({ class: 'relay' }), 'denies')
  t.equal(await verdict({ at: '10:00' }), 'denies')
})
