import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Latch } from '../../../daemon/vault/latch.ts'
import { createMemoryVault } from '../../../daemon/vault/memory-vault.ts'
import { LOCKED, openDoor, Scene } from './door-scene.ts'

t.test('the state says where grants are kept, and the notice what to warn of', async (t) => {
  const s = await openDoor(t)
  const detail = 'grants are sealed on disk with a key from the OS keychain'
  t.same(s.open.state(), { kind: 'sealed', detail })
  t.equal(s.open.notice(), undefined)
  t.match(s.open.facts(), { state: 'open', provider: 'keychain', records: 1, isRekeying: false })
  await s.open.close()
  writeFileSync(join(s.state, 'grants', 'b.grant'), 'garbage')
  s.wish = () => 'kernel_keyring'
  const again = s.door()
  await again.attempt()
  t.match(again.state().detail, /keychain; its key stays .*rekey; 1 record cannot be opened$/)
  t.match(again.facts(), { records: 2, broken: [{ file: 'b.grant' }] })
  rmSync(s.state, { recursive: true })
  const memory = new Scene(t)
  memory.wish = () => 'memory'
  const door = memory.door()
  await door.attempt()
  const plain = { kind: 'memory', detail: 'grants are kept in memory and end with the daemon' }
  t.same(door.state(), plain)
  t.equal(door.notice(), plain.detail)
  t.equal(door.facts().keyId, undefined)
})

t.test('a lock on purpose comes before whatever else opens', async (t) => {
  const latch = new Latch()
  t.equal(latch.lock('idle'), 'idle')
  const vault = createMemoryVault('machine one')
  const opening = { kind: 'open', vault, notice: 'so' } as const
  latch.set(opening)
  t.equal(latch.vault(), undefined)
  t.equal(latch.opening, opening)
  t.match(latch.lockedError(), { ...LOCKED, message: /nobody used it$/ })
  t.match(latch.facts(), { state: 'locked', lockedBy: 'idle' })
  t.equal(latch.state().kind, 'locked')
  latch.open(opening)
  t.equal(latch.vault(), vault)
  t.equal(latch.lockedBy, undefined)
  t.equal(latch.state().detail, 'so')
  t.equal(latch.locks, 1, 'it was locked once, whatever came later')
})

t.test('a lock of a person stays one, whatever locks after it', async (t) => {
  const latch = new Latch()
  t.equal(latch.lock('person'), 'person')
  t.equal(latch.lock('idle'), 'person')
  t.equal(latch.locks, 2)
  const other = new Latch()
  other.lock('idle')
  t.equal(other.lock('person'), 'person')
  t.equal(other.takeBack(1), false, 'somebody locked it since')
  t.equal(other.lockedBy, 'person')
  t.equal(other.takeBack(2), true)
  t.equal(other.lockedBy, undefined)
  t.equal(other.locks, 2, 'what began to open before it still does not stay open')
})

t.test('what an earlier daemon wrote down counts less than a lock since then', async (t) => {
  const latch = new Latch()
  latch.remember('person')
  t.equal(latch.lockedBy, 'person')
  const other = new Latch()
  other.lock('idle')
  other.remember('person')
  t.equal(other.lockedBy, 'idle')
  t.equal(latch.locks, 0, 'a mark on disk ends no opening')
})

t.test('of a vault that is shut its facts stay, and nothing else', async (t) => {
  const latch = new Latch()
  const vault = createMemoryVault('machine one')
  const opening = { kind: 'open', vault } as const
  latch.open(opening)
  latch.shut(opening)
  t.equal(latch.vault(), undefined)
  t.match(latch.opening, { kind: 'locked', reason: 'the vault is closed' })
  t.match(latch.facts(), { state: 'locked', lockedBy: 'keeper', keyId: vault.keyId, records: 0 })
  t.match(latch.facts(), { isRekeying: false })
  latch.look({ records: 3, isAnything: true, isRekeying: true, takesPassphrase: true })
  t.match(latch.facts(), { records: 3, isRekeying: true })
  t.equal(latch.isEnded, false)
  latch.end()
  t.equal(latch.isEnded, true)
})
