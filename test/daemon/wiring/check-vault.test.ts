import t from 'tap'
import { checkVault } from '../../../daemon/wiring/check-vault.ts'
import { roomsWithGrant } from '../../fakes/fake-rooms.ts'

t.test('a record is opened, and the vault described', async (t) => {
  const vault = (await roomsWithGrant()).vault()
  const door = (kind: 'sealed' | 'locked') => ({
    state: () => ({ kind, detail: 'sealed with a key' }) as const,
    current: () => {
      if (kind === 'locked') throw new Error('nobody opens a locked vault')
      return vault
    },
  })
  t.equal(checkVault(door('sealed')), '1 grant; sealed with a key')
  t.equal(checkVault(door('locked')), 'sealed with a key')
  vault.open = () => {
    throw new Error('the key has gone')
  }
  t.throws(() => checkVault(door('sealed')), { message: 'the key has gone' })
})
