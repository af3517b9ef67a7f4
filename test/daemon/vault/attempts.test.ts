import t from 'tap'
import { deferred } from '../../fakes/deferred.ts'
import { LOCKED, openDoor } from './door-scene.ts'
import { refusal } from './fake-keepers.ts'

t.test('a locked vault is answered at once, and nobody waits for a keychain', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  const gate = deferred()
  s.beforeFind = () => gate.promise
  s.keychain.refusal = refusal('none')
  const door = s.door()
  t.throws(() => door.current(), { ...LOCKED, message: 'the vault is not open yet' })
  t.throws(() => door.current(), LOCKED)
  t.same(door.state(), { kind: 'locked', detail: 'the vault is not open yet' })
  gate.resolve()
  await door.attempt()
  t.throws(() => door.current(), { message: 'it is none', hint: 'mend none' })
  t.match(door.facts(), {
    state: 'locked',
    provider: 'keychain',
    keyId: /^[0-9a-f]{16}$/,
    records: 1,
    lockedBy: 'keeper',
    reason: 'it is none',
    hint: 'mend none',
  })
})

t.test('callers bring about one attempt every two seconds, however many they are', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  s.keychain.refusal = refusal('none')
  const door = s.door()
  await door.attempt()
  const attempts = (): number => s.keychain.asked.filter((each) => each === 'find').length
  t.equal(attempts(), 1)
  for (let i = 0; i < 100; i++) t.throws(() => door.current(), LOCKED)
  s.clock.advance(1_999)
  t.throws(() => door.current())
  await door.attempt()
  t.equal(attempts(), 2, 'whoever asks for an attempt gets one')
  s.clock.advance(2_000)
  for (let i = 0; i < 100; i++) t.throws(() => door.current())
  await door.attempt()
  t.equal(attempts(), 3, 'and joins the one under way')
})

t.test('an unlocked keychain opens the vault without a restart', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  s.keychain.refusal = refusal('silent')
  const door = s.door()
  await door.attempt()
  s.keychain.refusal = undefined
  s.clock.advance(2_000)
  t.throws(() => door.current(), LOCKED)
  await door.attempt()
  t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a')
  t.equal(s.begun.length, 2, 'it was made ready before anybody got it, once each time')
  await door.attempt()
  t.equal(s.begun.length, 2)
  t.same(s.askings.at(-1), { passphrase: undefined, isPersonWaiting: false })
})
