import t from 'tap'
import { roomsWithGrant } from '../../../fakes/fake-rooms.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

const whole = { grant: 'work', reason: 'roll back', seconds: 900, class: 'relay' }

t.test('rules are lifted and put back, and exist on admin only', async (t) => {
  const rooms = await roomsWithGrant()
  const served = await serveRooms(t, rooms, 'admin')
  const begun = await served.ask('POST', '/v1/break-glass', whole)
  t.match(begun, {
    status: 200,
    json: { grant: 'work', class: 'relay', lifted: ['no writing'], seconds_left: 900, used: 0 },
  })
  t.same(await served.ask('DELETE', '/v1/break-glass/work').then(({ json }) => json), begun.json)
  t.match(await served.ask('DELETE', '/v1/break-glass/work'), { status: 400 })
  t.match(await served.ask('DELETE', '/v1/break-glass/..%2fx'), { status: 400 })
  const broker = await serveRooms(t, rooms, 'broker')
  t.match(await broker.ask('POST', '/v1/break-glass', whole), {
    status: 400,
    json: { detail: /no such route/ },
  })
})

t.test('what is out of bounds is refused before anybody is asked', async (t) => {
  const rooms = await roomsWithGrant()
  const served = await serveRooms(t, rooms, 'admin')
  for (const wrong of [{ seconds: 3_601 }, { reason: 'a\nb' }, { class: 'root' }]) {
    const answer = await served.ask('POST', '/v1/break-glass', { ...whole, ...wrong })
    t.match(answer, { status: 400 }, JSON.stringify(wrong))
  }
  t.same(rooms.prompts, [])
})
