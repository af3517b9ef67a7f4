import t from 'tap'
import { lockWhenIdle } from '../../../daemon/broker/auto-lock.ts'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { FakeDoor } from '../../fakes/fake-door.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { fakeVaultRooms } from '../../fakes/vault-rooms.ts'

t.test('a vault locks when no token left for long enough, and a token starts anew', async (t) => {
  const rooms = await roomsWithGrant()
  const vaultRooms = fakeVaultRooms(rooms)
  const { door, clock } = vaultRooms
  clock.advance(899_000)
  await issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
  clock.advance(899_000)
  await t.rejects(issueAccessToken(rooms, sampleCaller(), { grant: 'nobody' }))
  await lockWhenIdle(vaultRooms, 900)
  t.equal(door.facts().state, 'open')
  clock.advance(1_000)
  await lockWhenIdle(vaultRooms, 900)
  t.match(door.facts(), { state: 'locked', lockedBy: 'idle' }, 'a refused request is no use')
  t.match(rooms.audit.last, { event: 'vault.locked', reason: 'idle' })
})

t.test('the sleep of the machine counts', async (t) => {
  const rooms = fakeVaultRooms()
  rooms.clock.jump(900_000)
  await lockWhenIdle(rooms, 900)
  t.equal(rooms.door.facts().state, 'locked')
})

t.test('nothing is locked that is not asked for, is locked, or would end', async (t) => {
  const rooms = fakeVaultRooms()
  rooms.clock.advance(1e12)
  await lockWhenIdle(rooms, undefined)
  const inMemory = { ...rooms, door: new FakeDoor(rooms.steps, { provider: 'memory' }) }
  await lockWhenIdle(inMemory, 60)
  const locked = { ...rooms, door: new FakeDoor(rooms.steps, { state: 'locked' }) }
  await lockWhenIdle(locked, 60)
  t.same(rooms.steps, [])
})
