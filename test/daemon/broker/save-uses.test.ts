import t from 'tap'
import { saveUses } from '../../../daemon/broker/save-uses.ts'
import { type FakeRooms, roomsWithGrant } from '../../fakes/fake-rooms.ts'
import { sampleRecord } from '../../fakes/sample-grant.ts'

const recorded = (rooms: FakeRooms) => rooms.disk.record('grant-1')?.grant.lastUsedAt

t.test('where an idle limit counts from it, a use is on the disk at the next tick', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.lifetime = { idleAgeSeconds: 600 }
  rooms.uses.set('grant-1', rooms.clock.now())
  await saveUses(rooms, false)
  t.equal(recorded(rooms), rooms.clock.now())
  rooms.steps.length = 0
  await saveUses(rooms, false)
  t.same(rooms.steps, [], 'what is known is not written again')
  rooms.clock.advance(1)
  rooms.uses.set('grant-1', rooms.clock.now())
  await saveUses(rooms, false)
  t.equal(recorded(rooms), rooms.clock.now())
})

t.test('with the use is written who it was, beside whom the record knows', async (t) => {
  const rooms = await roomsWithGrant({ usedBy: [{ executable: '/git', at: 5 }] })
  const now = rooms.clock.now()
  rooms.uses.set('grant-1', now)
  rooms.usedBy.set('grant-1', [{ executable: '/curl', at: now }])
  await saveUses(rooms, true)
  t.same(rooms.disk.record('grant-1')?.grant.usedBy, [
    { executable: '/curl', at: now },
    { executable: '/git', at: 5 },
  ])
})

t.test('elsewhere it is written now and then, and at the end', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.uses.set('grant-1', rooms.clock.now())
  await saveUses(rooms, false)
  const first = rooms.clock.now()
  t.equal(recorded(rooms), first)
  rooms.clock.advance(300_000)
  rooms.uses.set('grant-1', rooms.clock.now())
  await saveUses(rooms, false)
  t.equal(recorded(rooms), first)
  await saveUses(rooms, true)
  t.equal(recorded(rooms), rooms.clock.now())
})

t.test(
  'a grant that is gone or over is left alone, and one that fails stops no other',
  async (t) => {
    const rooms = await roomsWithGrant()
    await rooms.vault().add(sampleRecord({ id: 'grant-2', name: 'home' }))
    const state = { kind: 'revoked', at: 1, revocation: 'queued' } as const
    await rooms.vault().add(sampleRecord({ id: 'grant-3', name: 'over', state }))
    for (const id of ['gone', 'grant-3', 'grant-1', 'grant-2'])
      rooms.uses.set(id, rooms.clock.now())
    rooms.disk.failing = 1
    await t.rejects(saveUses(rooms, false), { code: 'vault_locked' })
    t.equal(rooms.disk.record('grant-2')?.grant.lastUsedAt, rooms.clock.now())
    t.notOk('lastUsedAt' in (rooms.disk.record('grant-3')?.grant ?? {}))
  },
)
