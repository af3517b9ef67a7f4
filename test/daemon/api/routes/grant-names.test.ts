import t from 'tap'
import { roomsWithGrant } from '../../../fakes/fake-rooms.ts'
import { samplePeer } from '../../../fakes/sample-grant.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('the broker listener shows names and states, and nothing else of a grant', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  const answer = await served.ask('GET', '/v1/grants')
  t.same(answer.json, { grants: [{ grant: 'work', state: 'active' }] })
  const other = await serveRooms(t, await roomsWithGrant(), 'broker', {
    peer: () => samplePeer({ class: 'container' }),
  })
  t.same((await other.ask('GET', '/v1/grants')).json, { grants: [] })
})
