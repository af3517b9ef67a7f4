import t from 'tap'
import { HeldCapability } from '../../../daemon/broker/held-capability.ts'
import { recordLifted } from '../../../daemon/broker/record-lifted.ts'
import type { Allowed } from '../../../daemon/policy/decision.ts'
import { FREE_TERMS } from '../../../daemon/policy/terms.ts'
import { accessToken } from '../../fakes/access-token.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleCapability } from '../../fakes/sample-capability.ts'
import { sampleGrant, samplePeer } from '../../fakes/sample-grant.ts'

const allowed: Allowed = { kind: 'allow', rule: 'r', limits: [], ...FREE_TERMS }

t.test('a token that needed it has a line, and is counted; another has none', async (t) => {
  const rooms = await roomsWithGrant()
  const token = accessToken(0, 300)
  rooms.glass.begin({
    grant: 'work',
    grantId: 'grant-1',
    class: 'local',
    seconds: 60,
    reason: 'roll back',
    rules: ['no writing'],
  })
  recordLifted(rooms, sampleCaller(), sampleGrant(), token, allowed)
  t.same(rooms.audit.events(), [])
  const decision = { ...allowed, lifted: ['no writing'] }
  recordLifted(rooms, sampleCaller(), sampleGrant(), token, decision)
  t.match(rooms.audit.last, {
    event: 'break_glass.used',
    peer: samplePeer(),
    grant: 'work',
    grantId: 'grant-1',
    scope: ['repo:read'],
    token: /^[0-9a-f]{16}$/,
    lifted: ['no writing'],
    request: { reason: 'roll back' },
  })
  t.match(rooms.glass.list(), [{ used: 1 }])
  rooms.audit.failing = 'all'
  t.throws(() => recordLifted(rooms, sampleCaller(), sampleGrant(), token, decision), {
    code: 'audit_unavailable',
  })
  t.match(rooms.glass.list(), [{ used: 1 }])
})

t.test('what left through a capability says which', async (t) => {
  const rooms = await roomsWithGrant()
  const held = new HeldCapability(sampleCapability(), {
    clock: rooms.clock,
    isBoundAlive: () => true,
    write: async () => undefined,
    onOver: () => undefined,
  })
  const decision = { ...allowed, lifted: ['no writing'] }
  recordLifted(rooms, sampleCaller({ held }), sampleGrant(), accessToken(0, 300), decision)
  t.match(rooms.audit.last, { event: 'break_glass.used', capability: held.name })
})
