import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { LOCKED, secret, withPassphrase } from './door-scene.ts'

t.test('a passphrase opens, and is wiped whatever comes of it', async (t) => {
  const s = await withPassphrase(t, 'right')
  await s.open.close()
  const door = s.door()
  await door.attempt()
  t.match(door.facts(), { lockedBy: 'keeper', needs: 'passphrase', provider: 'passphrase' })
  t.equal(s.person.derived, 0, 'nothing is derived for callers')
  await t.rejects(door.unlock(undefined), { ...LOCKED, message: 'it is asks' })
  const wrong = secret('wrong')
  await t.rejects(door.unlock(wrong), { ...LOCKED, message: 'it is wrong', retryAfterSeconds: 1 })
  t.throws(() => wrong.reveal(), TypeError)
  s.clock.advance(1_000)
  const right = secret('right')
  await door.unlock(right)
  t.throws(() => right.reveal(), TypeError)
  t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a')
  await door.lock('person')
  t.match(door.facts(), { lockedBy: 'person', needs: 'passphrase' })
  await door.unlock(secret('right'))
  t.ok(door.current())
})

t.test('wrong passphrases make the guesser wait, longer each time, and nobody else', async (t) => {
  const s = await withPassphrase(t, 'right')
  await s.open.lock('person')
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    await t.rejects(s.open.unlock(secret('wrong')), { ...LOCKED, retryAfterSeconds: seconds })
    const { derived } = s.person
    await t.rejects(s.open.unlock(secret('right')), {
      code: 'rate_limited',
      retryAfterSeconds: seconds,
    })
    t.equal(s.person.derived, derived, 'nothing is derived meanwhile')
    t.throws(() => s.open.current(), LOCKED)
    s.clock.advance(seconds * 1_000)
  }
  await s.open.unlock(secret('right'))
  await s.open.lock('person')
  // a right one resets
  await t.rejects(s.open.unlock(secret('wrong')), { ...LOCKED, retryAfterSeconds: 1 })
})

t.test('many guesses at once are one guess', async (t) => {
  const s = await withPassphrase(t, 'right')
  await s.open.lock('person')
  const { derived } = s.person
  const guesses = Array.from({ length: 20 }, () => s.open.unlock(secret('wrong')))
  const ends = await Promise.allSettled(guesses)
  t.equal(s.person.derived, derived + 1)
  const codes = ends.map((end) =>
    end.status === 'rejected' ? (end.reason as GrantdError).code : '',
  )
  t.same(codes.sort(), [...Array<string>(19).fill('rate_limited'), 'vault_locked'])
})

t.test('a passphrase opens what was locked with a rekey unfinished', async (t) => {
  const s = await withPassphrase(t, 'right')
  // no person forgets a passphrase by being asked to
  const kept = new Map(s.person.keys)
  s.failing('removeFile')
  await t.rejects(s.open.rekey({ provider: 'keychain' }), LOCKED)
  s.mended()
  await s.open.lock('person')
  t.match(s.open.facts(), { provider: 'keychain', needs: 'passphrase', isRekeying: true })
  await s.open.close()
  // what a reboot does to a key in the kernel
  s.keychain.keys.clear()
  for (const [id, bytes] of kept) s.person.keys.set(id, bytes)
  const door = s.door()
  await door.attempt()
  t.match(door.facts(), { lockedBy: 'person', provider: 'keychain', needs: 'passphrase' })
  await door.unlock(secret('right'))
  t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a')
})

t.test('what was not to be seen when it was locked is looked at when it is unlocked', async (t) => {
  const s = await withPassphrase(t, 'right')
  await s.open.close()
  s.failing('readRecords')
  const door = s.door()
  await door.attempt()
  await door.lock('person')
  t.match(door.facts(), { lockedBy: 'person', needs: undefined })
  s.mended()
  await door.unlock(secret('right'))
  t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a')
})

t.test('a configuration that opens nothing does not hide who keeps the key', async (t) => {
  const s = await withPassphrase(t, 'right')
  await s.open.close()
  const { wish } = s
  s.wish = () => {
    throw new GrantdError('config_invalid', 'the configuration is broken')
  }
  const door = s.door()
  await door.attempt()
  await door.lock('person')
  t.match(door.facts(), { provider: 'passphrase', needs: 'passphrase', records: 1 })
  s.wish = wish
  await door.unlock(secret('right'))
  t.ok(door.current())
})

t.test('an unlock of an open vault asks nobody, and costs no guess', async (t) => {
  const s = await withPassphrase(t, 'right')
  const vault = s.open.current()
  const { derived } = s.person
  const asked = s.askings.length
  for (const passphrase of [undefined, secret('wrong'), secret('right')])
    await s.open.unlock(passphrase)
  t.equal(s.open.current(), vault)
  t.equal(s.person.derived, derived)
  t.equal(s.askings.length, asked)
})
