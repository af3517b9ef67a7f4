import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import type { Vault } from '../../../daemon/vault/vault.ts'
import { type Opening, VaultDoor } from '../../../daemon/vault/vault-door.ts'
import { VaultUnusableError } from '../../../daemon/vault/vault-unusable-error.ts'
import { deferred } from '../../fakes/deferred.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { fakeVault } from '../../fakes/fake-vault.ts'
import { sampleRecord } from '../../fakes/sample-grant.ts'

const LOCKED: Opening = { kind: 'locked', reason: 'the keychain is locked', hint: 'unlock it' }

/** A door whose attempts end one after the other as a test says. */
function scene(...openings: readonly (() => Promise<Opening>)[]) {
  const clock = new FakeClock()
  const begun: Vault[] = []
  let attempts = 0
  const door = new VaultDoor({
    clock,
    open: () => {
      attempts += 1
      return (openings[attempts - 1] ?? (async () => LOCKED))()
    },
    onOpen: async (vault) => void begun.push(vault),
  })
  return { clock, door, begun, attempts: () => attempts }
}

t.test('a locked vault is answered at once, and nobody waits for a keychain', async (t) => {
  const gate = deferred<Opening>()
  const s = scene(() => gate.promise)
  t.throws(() => s.door.current(), { code: 'vault_locked', message: 'the vault is not open yet' })
  t.throws(() => s.door.current(), { code: 'vault_locked' })
  t.equal(s.attempts(), 1, 'the first caller made an attempt start')
  t.same(s.door.state(), { kind: 'locked', detail: 'the vault is not open yet' })
  gate.resolve(LOCKED)
  await s.door.attempt()
  t.throws(() => s.door.current(), { message: 'the keychain is locked', hint: 'unlock it' })
})

t.test('callers bring about one attempt every two seconds, however many they are', async (t) => {
  const s = scene()
  await s.door.attempt()
  t.equal(s.attempts(), 1)
  for (let i = 0; i < 100; i++) t.throws(() => s.door.current(), { code: 'vault_locked' })
  s.clock.advance(1_999)
  t.throws(() => s.door.current())
  t.equal(s.attempts(), 1)
  s.clock.advance(1)
  for (let i = 0; i < 100; i++) t.throws(() => s.door.current())
  t.equal(s.attempts(), 2)
  await s.door.attempt()
  t.equal(s.attempts(), 2, 'whoever waits joins the attempt under way')
})

t.test('an unlocked keychain opens the vault without a restart', async (t) => {
  const { vault } = fakeVault()
  const s = scene(
    async () => LOCKED,
    async () => ({ kind: 'open', vault }),
  )
  await s.door.attempt()
  s.clock.advance(2_000)
  t.throws(() => s.door.current(), { code: 'vault_locked' })
  await s.door.attempt()
  t.equal(s.door.current(), vault)
  t.same(s.begun, [vault], 'it was made ready before anybody got it, once')
  await s.door.attempt()
  t.equal(s.attempts(), 2, 'an open vault stays the one it is')
})

t.test('the state says where grants are kept, and the notice what to warn of', async (t) => {
  const { vault } = fakeVault()
  const plain = scene(async () => ({ kind: 'open', vault }))
  t.equal(plain.door.notice(), undefined)
  await plain.door.attempt()
  t.match(plain.door.state(), { kind: 'memory', detail: /in memory and end with the daemon/ })
  t.equal(plain.door.notice(), undefined)
  const warned = scene(async () => ({ kind: 'open', vault, notice: 'memory only' }))
  await warned.door.attempt()
  t.same(warned.door.state(), { kind: 'memory', detail: 'memory only' })
  t.equal(warned.door.notice(), 'memory only')
})

t.test('the state counts the records that cannot be opened', async (t) => {
  const broken = [
    { file: 'a.grant', reason: 'damaged' },
    { file: 'b.grant', reason: 'sealed on another machine' },
  ]
  for (const [found, words] of [
    [[], ''],
    [broken.slice(1), '; 1 record cannot be opened'],
    [broken, '; 2 records cannot be opened'],
  ] as const) {
    const vault = new SealedRecords({
      kind: 'sealed',
      key: SealingKey.random('keychain', 'machine one'),
      storage: { write: async () => undefined, remove: async () => undefined },
      found: [],
      broken: found,
    })
    const s = scene(async () => ({ kind: 'open', vault }))
    await s.door.attempt()
    const detail = `grants are sealed on disk with a key from the OS keychain${words}`
    t.same(s.door.state(), { kind: 'sealed', detail })
    t.equal(s.door.notice(), undefined, 'a login is not the moment to say so')
  }
})

t.test('of what breaks only our own words and a code are told', async (t) => {
  const doctor = 'grantd doctor'
  const cases: readonly [unknown, message: string, hint: string][] = [
    [
      Object.assign(new Error('secret words'), { code: 'EIO' }),
      'the vault cannot be opened: EIO',
      doctor,
    ],
    [new Error('secret words'), 'the vault cannot be opened: unknown error', doctor],
    [new GrantdError('vault_locked', 'the disk is full'), 'the disk is full', doctor],
    [new GrantdError('vault_locked', 'full', { hint: 'make room' }), 'full', 'make room'],
    [new VaultUnusableError('"x" holds no id', 'restore it'), '"x" holds no id', 'restore it'],
  ]
  for (const [error, message, hint] of cases) {
    const s = scene(async () => {
      throw error
    })
    await s.door.attempt()
    t.throws(() => s.door.current(), { message, hint })
    t.same(s.door.state(), { kind: 'locked', detail: message })
  }
})

t.test('a vault that could not be made ready is closed, and opened anew next time', async (t) => {
  const first = fakeVault().vault
  const second = fakeVault().vault
  await first.add(sampleRecord())
  let made = 0
  const door = new VaultDoor({
    clock: new FakeClock(),
    open: async () => ({ kind: 'open', vault: made++ === 0 ? first : second }),
    onOpen: async (vault) => {
      if (vault === first) throw Object.assign(new Error('no'), { code: 'ENOSPC' })
    },
  })
  await door.attempt()
  t.throws(() => door.current(), { message: 'the vault cannot be opened: ENOSPC' })
  t.throws(() => first.open('grant-1'), { message: 'the vault is closed' })
  await door.attempt()
  t.equal(door.current(), second)
})

t.test('a vault that cannot even be closed does not hide why it did not begin', async (t) => {
  const { vault, disk } = fakeVault()
  await vault.add(sampleRecord())
  const door = new VaultDoor({
    clock: new FakeClock(),
    open: async () => ({ kind: 'open', vault }),
    onOpen: async () => {
      disk.failing = 9
      await vault.change('grant-1', (record) => record)
    },
  })
  await door.attempt()
  t.throws(() => door.current(), { message: 'the vault cannot be written: ENOSPC' })
})

t.test('closing waits for an attempt and closes what it opened', async (t) => {
  const { vault } = fakeVault()
  await vault.add(sampleRecord())
  const gate = deferred<Opening>()
  const s = scene(() => gate.promise)
  const attempt = s.door.attempt()
  const closed = s.door.close()
  gate.resolve({ kind: 'open', vault })
  await Promise.all([attempt, closed])
  t.throws(() => s.door.current().open('grant-1'), { message: 'the vault is closed' })
  await scene().door.close()
})
