import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { fakeRooms, roomsWithGrant } from '../../../fakes/fake-rooms.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

const OPEN = {
  state: 'open',
  provider: 'passphrase',
  key_id: '0123456789abcdef',
  records: 2,
  broken: [],
  rekey_unfinished: false,
}

t.test('the owner sees, locks, unlocks and rekeys the vault', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'admin')
  t.same((await served.ask('GET', '/v1/vault')).json, OPEN)
  const locked = await served.ask('POST', '/v1/vault/lock')
  t.match(locked, { status: 200, json: { state: 'locked', locked_by: 'person' } })
  const unlocked = await served.ask('POST', '/v1/vault/unlock', { passphrase: 'x' })
  t.match(unlocked, { status: 200, json: OPEN })
  const rekeyed = await served.ask('POST', '/v1/vault/rekey', { provider: 'keychain' })
  t.match(rekeyed, { status: 200, json: { key_id: 'fedcba9876543210' } })
  const init = await served.ask('POST', '/v1/vault/init', { discard_sealed: true })
  t.match(init, { status: 200, json: { records: 0 } })
})

t.test('a wrong passphrase is answered with the time to wait, and never repeated', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'admin')
  await served.ask('POST', '/v1/vault/lock')
  served.door.failure = new GrantdError('rate_limited', 'too soon', { retryAfterSeconds: 4 })
  const passphrase = 'a passphrase of mine'
  const refused = await served.ask('POST', '/v1/vault/unlock', { passphrase })
  t.match(refused, { status: 429, json: { code: 'rate_limited', retry_after: 4 } })
  const invalid = await served.ask('POST', '/v1/vault/rekey', { passphrase: 'mine\u0007mine' })
  t.match(invalid, { status: 400, json: { code: 'invalid_request' } })
  for (const { text } of [refused, invalid]) t.notMatch(text, /mine/)
})

t.test('nothing comes along that is not asked for', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'admin')
  for (const [path, body] of [
    ['lock', {}],
    ['unlock', { passphrase: '' }],
    ['unlock', { provider: 'keychain' }],
    ['rekey', { discard_sealed: true }],
    ['rekey', { provider: 'paper' }],
    ['rekey', { passphrase: 'short' }],
    ['init', { discard_sealed: 1 }],
  ] as const)
    t.match(await served.ask('POST', `/v1/vault/${path}`, body), { status: 400 }, path)
  t.match(await served.ask('GET', '/v1/vault?x=1'), { status: 400 })
  t.same(served.door.steps, [])
})

t.test('on the broker listener there is no vault to be seen', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  for (const [method, path] of [
    ['GET', '/v1/vault'],
    ['POST', '/v1/vault/lock'],
    ['POST', '/v1/vault/unlock'],
  ] as const)
    t.match((await served.ask(method, path)).text, /no such route/)
})
