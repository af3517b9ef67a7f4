import t from 'tap'
import { deferred } from '../../fakes/deferred.ts'
import { rotate } from './conformance.ts'
import { LOCKED, openDoor, Scene } from './door-scene.ts'
import { refusal } from './fake-keepers.ts'

t.test('a lock refuses new callers at once, lets exchanges land, then wipes', async (t) => {
  const s = await openDoor(t)
  const vault = s.open.current()
  const landed = deferred()
  s.settle = () => landed.promise
  const locking = s.open.lock('person')
  t.throws(() => s.open.current(), {
    ...LOCKED,
    message: 'you locked the vault',
    hint: 'grantd unlock',
  })
  t.equal((await vault.change('a', rotate)).generation, 2, 'the exchange keeps its successor')
  while (!s.hasMark()) await new Promise((next) => setImmediate(next))
  for (let i = 0; i < 20; i++) await new Promise((next) => setImmediate(next))
  t.equal((await vault.change('a', (record) => record)).generation, 2, 'it is not closed before')
  t.ok(s.hasMark(), 'who kills us now finds it locked')
  landed.resolve()
  await locking
  t.throws(() => vault.open('a'), { message: 'the vault is closed' })
  t.match(s.open.facts(), { state: 'locked', lockedBy: 'person', provider: 'keychain', records: 1 })
  await s.open.attempt()
  s.clock.advance(9_000)
  t.throws(() => s.open.current(), LOCKED)
  await s.open.attempt()
  t.throws(() => s.open.current(), LOCKED, 'no attempt of callers or timers opens it')
  await s.open.unlock(undefined)
  t.equal(s.open.current().open('a').refreshToken?.reveal(), 'token 2')
  t.notOk(s.hasMark())
  t.match(s.askings.at(-1), { isPersonWaiting: true })
})

for (const by of ['person', 'idle'] as const)
  t.test(`locked by ${by} is locked after a restart, until somebody unlocks`, async (t) => {
    const s = await openDoor(t)
    await s.open.lock(by)
    await s.open.close()
    const door = s.door()
    await door.attempt()
    t.match(door.facts(), { state: 'locked', lockedBy: by, provider: 'keychain', records: 1 })
    t.same(
      s.keychain.asked.filter((each) => each === 'find'),
      [],
      'its keeper is not even asked',
    )
    t.match(door.state().detail, by === 'idle' ? /nobody used it/ : /you locked/)
    await door.unlock(undefined)
    t.ok(door.current().get('a'))
  })

t.test('a vault in memory is not locked: that would end its grants', async (t) => {
  const s = new Scene(t)
  s.wish = () => 'memory'
  const door = s.door()
  await door.attempt()
  for (const by of ['person', 'idle'] as const)
    await t.rejects(door.lock(by), { code: 'invalid_request', hint: 'grantd revoke' })
  t.ok(door.current())
  await t.rejects(door.rekey({ provider: undefined }), { code: 'invalid_request' })
})

t.test('a lock that would lose a grant does not happen', async (t) => {
  const s = await openDoor(t)
  s.failing('write')
  await t.rejects(s.open.current().change('a', rotate), LOCKED)
  await t.rejects(s.open.lock('person'), { message: 'the vault cannot be written: ENOSPC' })
  t.equal(s.open.current().open('a').refreshToken?.reveal(), 'token 2')
  t.notOk(s.hasMark())
  s.mended()
  await s.open.lock('person')
  await s.open.unlock(undefined)
  t.equal(s.open.current().open('a').refreshToken?.reveal(), 'token 2')
})

t.test('a lock that cannot be written down is one until the next start, and says so', async (t) => {
  const s = await openDoor(t)
  s.failing('writeFile')
  await t.rejects(s.open.lock('person'), {
    message: /^locked, but a restart would open it: ENOSPC$/,
  })
  t.match(s.open.facts(), { state: 'locked', lockedBy: 'person' })
})

t.test('of several locks at once the last decides whether it is locked', async (t) => {
  const s = await openDoor(t)
  s.failing('write')
  await t.rejects(s.open.current().change('a', rotate), LOCKED)
  const refused = { message: 'the vault cannot be written: ENOSPC' }
  await Promise.all([
    t.rejects(s.open.lock('person'), refused),
    // between two locks, when nobody may have the vault and it is not closed
    t.rejects(s.open.unlock(undefined), LOCKED, 'no second vault beside one that is unsaved'),
    t.rejects(s.open.lock('person'), refused),
  ])
  t.equal(s.begun.length, 1)
  t.match(s.open.facts(), { state: 'open' })
  t.notOk(s.hasMark())
  t.equal(s.open.current().open('a').refreshToken?.reveal(), 'token 2')
})

t.test('a lock that holds is not taken back by an earlier one that did not', async (t) => {
  const s = await openDoor(t)
  s.failing('write')
  await t.rejects(s.open.current().change('a', rotate), LOCKED)
  let settled = 0
  s.settle = async () => {
    settled += 1
    if (settled === 2) s.mended()
  }
  const ends = await Promise.allSettled([s.open.lock('person'), s.open.lock('person')])
  t.match(ends, [{ status: 'rejected' }, { status: 'fulfilled' }])
  t.match(s.open.facts(), { state: 'locked', lockedBy: 'person' })
  t.ok(s.hasMark())
  await s.open.attempt()
  t.throws(() => s.open.current(), LOCKED)
})

t.test('a lock that finds the vault given up has nothing to close', async (t) => {
  const s = await openDoor(t)
  s.keychain.refusal = refusal('silent')
  const landed = deferred()
  s.settle = () => landed.promise
  const giving = s.open.init({ provider: 'keychain', discardSealed: true })
  const locking = s.open.lock('person')
  landed.resolve()
  await t.rejects(giving, LOCKED)
  await locking
  t.match(s.open.facts(), { state: 'locked', lockedBy: 'person' })
})
