import t from 'tap'
import { fakeRooms } from '../../../fakes/fake-rooms.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('every listener says in one word how the daemon is', async (t) => {
  for (const role of ['broker', 'admin'] as const) {
    const well = await serveRooms(t, fakeRooms(), role)
    t.same((await well.ask('GET', '/v1/health')).json, { status: 'ok', version: '1.2.3' })
    const facts = { configProblem: () => 'x:1:1: broken' }
    const ill = await serveRooms(t, fakeRooms(), role, { facts })
    t.same((await ill.ask('GET', '/v1/health')).json, { status: 'degraded', version: '1.2.3' })
  }
})
