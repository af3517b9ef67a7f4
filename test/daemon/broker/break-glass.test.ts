import type { BreakGlassRequest } from '@grantd/client/protocol'
import t from 'tap'
import { breakGlass, endBreakGlass } from '../../../daemon/broker/break-glass.ts'
import { revokeGrant } from '../../../daemon/broker/revoke-grant.ts'
import type { Caller } from '../../../daemon/broker/rooms.ts'
import { type FakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'

const person = sampleCaller({ listener: 'admin' })
const request: BreakGlassRequest = { grant: 'work', reason: 'roll back', seconds: 900 }

const lift = (
  rooms: FakeRooms,
  changes: Partial<BreakGlassRequest> = {},
  caller: Caller = person,
) => breakGlass(rooms, caller, { ...request, ...changes })

t.test('somebody says yes to exactly that, it is on record, and it begins', async (t) => {
  const rooms = await roomsWithGrant()
  t.match(await lift(rooms), { grant: 'work', class: 'local', seconds_left: 900 })
  const lifting = { class: 'local', seconds: 900, reason: 'roll back', rules: ['no writing'] }
  t.match(rooms.prompts, [{ grant: 'work', grantId: 'grant-1', listener: 'admin', lifting }])
  t.same(rooms.audit.entries, [
    {
      event: 'break_glass.started',
      peer: samplePeer(),
      grant: 'work',
      grantId: 'grant-1',
      lifted: ['no writing'],
      request: { reason: 'roll back', class: 'local', for: 900 },
    },
  ])
  t.equal(rooms.glass.reasonFor('grant-1', 'local'), 'roll back')
  t.match(await lift(rooms, { class: 'relay' }), { class: 'relay' })
  t.match(endBreakGlass(rooms, person, 'work'), { class: 'relay' })
  t.throws(() => endBreakGlass(rooms, person, 'work'), { code: 'invalid_request' })
})

t.test('without a yes nothing is lifted', async (t) => {
  for (const [answer, code] of [
    [{ kind: 'denied', reason: 'no' }, 'consent_denied'],
    [{ kind: 'unavailable', reason: 'nobody' }, 'consent_unavailable'],
    [{ kind: 'withdrawn' }, 'access_denied'],
    [{ kind: 'allowed', stillStands: () => false }, 'access_denied'],
  ] as const) {
    const rooms = await roomsWithGrant()
    rooms.say.person = async () => answer
    await t.rejects(lift(rooms), { code })
    t.same([rooms.glass.list(), rooms.audit.events()], [[], []])
  }
})

t.test('where there is nothing to lift nobody is asked', async (t) => {
  const rooms = await roomsWithGrant()
  await t.rejects(lift(rooms, { grant: 'other' }), { code: 'unknown_grant' })
  rooms.say.liftable = () => []
  await t.rejects(lift(rooms), { code: 'invalid_request', message: /no rule for "work"/ })
  rooms.say.liftable = () => ['r']
  for (const grantId of ['a', 'b'])
    rooms.glass.begin({ ...request, grantId, class: 'local', rules: [] })
  await t.rejects(lift(rooms), { code: 'invalid_request', message: /2 grants already/ })
  await revokeGrant(rooms, person, 'work')
  await t.rejects(lift(rooms), { code: 'login_required' })
  t.same(rooms.prompts, [])
  const dead = await roomsWithGrant({ state: { kind: 'login_required', reason: 'dead' } })
  await t.rejects(lift(dead), { code: 'login_required' })
  dead.say.config = () => {
    throw new Error('broken')
  }
  await t.rejects(lift(dead), { message: 'broken' })
})

t.test('what ends while the person thinks is not begun', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.person = async () => {
    await revokeGrant(rooms, person, 'work')
    return { kind: 'allowed', stillStands: () => true }
  }
  await t.rejects(lift(rooms), { code: 'login_required' })
  t.notOk(rooms.audit.events().includes('break_glass.started'))
  const gone = sampleCaller({ isSameProcess: () => false })
  await t.rejects(lift(await roomsWithGrant(), {}, gone), { code: 'unauthorized_peer' })
})

t.test(
  'no record, no break-glass; and what ends during the record is an end on record',
  async (t) => {
    const rooms = await roomsWithGrant()
    rooms.audit.failing = 'all'
    await t.rejects(lift(rooms), { code: 'audit_unavailable' })
    rooms.audit.failing = []
    let stands = true
    rooms.say.person = async () => ({ kind: 'allowed', stillStands: () => stands })
    rooms.audit.whileSyncing = async () => {
      stands = false
    }
    await t.rejects(lift(rooms), { code: 'access_denied' })
    t.same(rooms.glass.list(), [])
    t.same(rooms.audit.events(), ['break_glass.started', 'break_glass.ended'])
    t.match(rooms.audit.last, { reason: 'withdrawn' })
  },
)
