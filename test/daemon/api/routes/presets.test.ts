import type { PresetDetail, PresetList } from '@grantd/client/protocol'
import t from 'tap'
import { fakeRooms } from '../../../fakes/fake-rooms.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('the owner sees every preset, and all that each says', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'admin')
  const list = await served.ask('GET', '/v1/presets')
  t.equal(list.status, 200)
  const { presets } = list.json as PresetList
  t.ok(presets.length >= 17)
  for (const { preset, title } of presets) {
    const shown = await served.ask('GET', `/v1/presets/${preset}`)
    t.match(shown, { status: 200, json: { preset, title, origin: 'built_in' } }, preset)
    const { facts } = shown.json as PresetDetail
    for (const { known, source } of facts) t.equal(known === 'documented', source !== undefined)
  }
})

t.test('what is not there is refused', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'admin')
  for (const name of ['nobody', 'A', '..', '%2e%2e%2fgitlab', 'x'.repeat(65)])
    t.match(
      await served.ask('GET', `/v1/presets/${name}`),
      { status: 400, json: { code: 'invalid_request' } },
      name,
    )
})

t.test('nobody sees them on the broker listener', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'broker')
  t.match((await served.ask('GET', '/v1/presets')).text, /no such route/)
})
