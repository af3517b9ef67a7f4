import t from 'tap'
import { listGrantNames, listGrants, showGrant } from '../../../daemon/broker/list-grants.ts'
import { FREE_TERMS } from '../../../daemon/policy/terms.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, samplePeer, sampleRecord } from '../../fakes/sample-grant.ts'

t.test('a caller sees the names of what it may have tokens of', async (t) => {
  const rooms = await roomsWithGrant()
  await rooms.vault().add(sampleRecord({ id: 'b', name: 'home', createdAt: 5 }))
  t.same(await listGrantNames(rooms, sampleCaller()), {
    grants: [
      { grant: 'home', state: 'active' },
      { grant: 'work', state: 'active' },
    ],
  })
  const { decide } = rooms.say
  rooms.say.decide = (question) =>
    question.grant.name === 'home'
      ? { kind: 'deny', rule: 'r', code: 'access_denied', reason: 'no' }
      : decide(question)
  t.same((await listGrantNames(rooms, sampleCaller())).grants, [{ grant: 'work', state: 'active' }])
  const relay = sampleCaller({ peer: samplePeer({ class: 'relay' }) })
  t.same((await listGrantNames(rooms, relay)).grants, [])
})

t.test('a grant is seen by who may have a token for any of its audiences', async (t) => {
  const other = 'https://b.example'
  const rooms = await roomsWithGrant({
    audiences: [API, other],
    scopes: { [API]: [], [other]: [] },
  })
  await rooms
    .vault()
    .add(sampleRecord({ id: 'b', name: 'home', audiences: [], scopes: { '': [] } }))
  const namesWith = async (allowed: string | undefined) => {
    rooms.say.decide = ({ audience }) =>
      audience === allowed
        ? { kind: 'allow', rule: 'r', limits: [], ...FREE_TERMS }
        : { kind: 'deny', rule: 'r', code: 'access_denied', reason: 'no' }
    return (await listGrantNames(rooms, sampleCaller())).grants.map(({ grant }) => grant)
  }
  t.same(await namesWith(API), ['work'])
  t.same(await namesWith(other), ['work'])
  t.same(await namesWith(undefined), ['home'])
  t.same(await namesWith('https://nobody.example'), [])
})

t.test('under a broken configuration nobody sees a name', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.config = () => {
    throw new Error('broken')
  }
  await t.rejects(listGrantNames(rooms, sampleCaller()), { message: 'broken' })
})

t.test('the owner sees everything, the newest of a name, and when it was used last', async (t) => {
  const rooms = await roomsWithGrant()
  await rooms.vault().add(sampleRecord({ id: 'old', createdAt: 5 }))
  rooms.uses.set('grant-1', Date.UTC(2030, 0, 2))
  const used = { grant: 'work', last_used_at: '2030-01-02T00:00:00.000Z' }
  const { grants } = listGrants(rooms)
  t.match(grants, [used])
  t.equal(grants.length, 1)
  t.match(showGrant(rooms, 'work'), used)
  t.throws(() => showGrant(rooms, 'nobody'), { code: 'unknown_grant' })
})

t.test('the owner is told what makes a grant worth more than it has to be', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.uses.set('grant-1', rooms.clock.now())
  t.match(showGrant(rooms, 'work'), { exposure: ['never_expiring'] })
  rooms.say.lifetime = { idleAgeSeconds: 600 }
  t.notOk('exposure' in showGrant(rooms, 'work'))
  rooms.clock.advance(31 * 86_400_000)
  t.match(listGrants(rooms).grants, [{ exposure: ['unused_30d', 'older_than_policy'] }])
})

t.test('the owner is told by which programs a grant was used', async (t) => {
  const rooms = await roomsWithGrant({ usedBy: [{ executable: '/git', at: 0 }] })
  t.match(showGrant(rooms, 'work').used_by, [{ executable: '/git' }])
  rooms.usedBy.set('grant-1', [{ executable: '/curl', at: 1_000 }])
  t.same(showGrant(rooms, 'work').used_by, [
    { executable: '/curl', last_used_at: '1970-01-01T00:00:01.000Z' },
    { executable: '/git', last_used_at: '1970-01-01T00:00:00.000Z' },
  ])
})

t.test('an earlier login is listed while its revocation is queued', async (t) => {
  const rooms = await roomsWithGrant()
  const queued = { kind: 'revoked', at: 1, revocation: 'queued' } as const
  for (const [id, state] of [
    ['old', queued],
    ['older', { ...queued, revocation: 'unsupported' }],
    ['oldest', { kind: 'active' }],
  ] as const)
    await rooms.vault().add(sampleRecord({ id, state, createdAt: 5 }))
  const { grants, replaced } = listGrants(rooms)
  t.equal(grants.length, 1)
  t.match(replaced, [{ grant: 'work', state: 'revoked', revocation: 'queued' }])
  t.equal(replaced.length, 1)
})
