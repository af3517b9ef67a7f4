import t from 'tap'
import { roomsWithGrant } from '../../../fakes/fake-rooms.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('the owner sees, checks and explains the rules', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'admin')
  t.same((await served.ask('GET', '/v1/policy')).json, {
    files: [{ level: 'user', path: '/config.toml' }],
    mode: 'enforce',
    rules: [],
  })
  const check = await served.ask('POST', '/v1/policy/check', { text: '[x]' })
  t.match(check, {
    status: 200,
    json: { problem: { line: 1, column: 2, message: 'unknown table "x"' } },
  })
  t.same((await served.ask('POST', '/v1/policy/check', { text: '', level: 'system' })).json, {
    rules: 0,
  })
  const told = await served.ask('POST', '/v1/policy/explain', {
    grant: 'work',
    executable: '/usr/bin/git',
  })
  t.match(told, { status: 200, json: { decision: 'allow', rule: 'built-in', rules: [{}, {}] } })
})

t.test('what makes no sense is refused', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'admin')
  for (const [path, body] of [
    ['check', {}],
    ['check', { text: '', level: 'root' }],
    ['check', { text: '', more: 1 }],
    ['explain', { grant: 'work' }],
    ['explain', { grant: 'work', pid: 0 }],
    ['explain', { grant: 'work', executable: 'git' }],
    ['explain', { grant: 'work', executable: '/git', at: '24:00' }],
    ['explain', { grant: 'work', executable: '/git', class: 'x' }],
    ['explain', { grant: 'work', pid: 4 }],
  ] as const)
    t.match(
      await served.ask('POST', `/v1/policy/${path}`, body),
      { status: 400, json: { code: 'invalid_request' } },
      JSON.stringify(body),
    )
})

t.test('nobody explains rules on the broker listener', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  t.match((await served.ask('GET', '/v1/policy')).text, /no such route/)
})
