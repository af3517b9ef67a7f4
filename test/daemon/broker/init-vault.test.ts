import t from 'tap'
import { initVault } from '../../../daemon/broker/init-vault.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'
import { fakeVaultRooms } from '../../fakes/vault-rooms.ts'

const person = sampleCaller({ listener: 'admin' })

t.test('a first key is made on record, and nothing is deleted unasked', async (t) => {
  const rooms = fakeVaultRooms()
  rooms.clock.advance(60_000)
  t.match(await initVault(rooms, person, {}), { state: 'open', records: 0 })
  t.same(rooms.steps, [
    'audit: vault.init_begun',
    'init undefined',
    'cache cleared',
    'audit: vault.initialised',
  ])
  t.equal(rooms.idle.seconds, 0)
})

t.test('what the person says is passed on', async (t) => {
  const rooms = fakeVaultRooms()
  const passphrase = 'correct horse'
  await initVault(rooms, person, { provider: 'passphrase', passphrase, discard_sealed: true })
  t.ok(rooms.steps.includes('init passphrase, discard'))
  t.same(rooms.door.passphrases, [passphrase])
  t.notMatch(rooms.audit.text, passphrase)
})
