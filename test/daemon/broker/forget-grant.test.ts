import t from 'tap'
import { forgetTraces, removeGrant } from '../../../daemon/broker/forget-grant.ts'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { type FakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'

const pauses = { firstSeconds: 5, mostSeconds: 5, jitter: 0 }

async function used(): Promise<FakeRooms> {
  const rooms = await roomsWithGrant()
  await issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
  rooms.rejectedFloor.mark('grant-1', 0)
  rooms.backOff.failed('grant-1', 'off', pauses)
  return rooms
}

const traces = (rooms: FakeRooms) => [
  rooms.tokens.size,
  rooms.uses.size,
  rooms.rejectedFloor.waitSeconds('grant-1', 0),
  rooms.backOff.size,
]

t.test('nothing in memory outlives the use of a grant', async (t) => {
  const rooms = await used()
  t.same(traces(rooms), [1, 1, 10, 1])
  const asked = { reason: 'fire', class: 'local', seconds: 60, rules: [] } as const
  rooms.glass.begin({ ...asked, grant: 'work', grantId: 'grant-1' })
  forgetTraces(rooms, 'grant-1')
  t.same(rooms.glass.list(), [])
  t.same(rooms.forgotten, ['grant-1'])
  t.same(rooms.endedGrants, ['grant-1'])
  t.same(traces(rooms), [0, 0, 0, 0])
})

t.test('a grant that is removed leaves no trace at all', async (t) => {
  const rooms = await used()
  await removeGrant(rooms, 'grant-1')
  t.same(traces(rooms), [0, 0, 0, 0])
  t.same(rooms.vault().list(), [])
})
