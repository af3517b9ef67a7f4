import t from 'tap'
import { Attempts } from '../../../daemon/vault/attempts.ts'
import { Latch } from '../../../daemon/vault/latch.ts'
import { WayIn } from '../../../daemon/vault/way-in.ts'
import { deferred } from '../../fakes/deferred.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
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
  t.match(s.askings.at(-1), { passphrase: undefined, isPersonWaiting: false })
})

/** Attempts over a keeper that refuses, when a test lets it. */
function refusedAttempts() {
  const clock = new FakeClock()
  const latch = new Latch()
  const scene = { gate: Promise.resolve(), asked: 0 }
  const maker = {
    open: async () => {
      scene.asked += 1
      await scene.gate
      return { ...refusal('silent'), kind: 'locked' as const }
    },
    look: async () => ({
      records: 0,
      isAnything: true,
      isRekeying: false,
      takesPassphrase: false,
    }),
    readLock: async () => undefined,
    writeLock: async () => undefined,
    removeLock: async () => undefined,
  }
  const wayIn = new WayIn(latch, maker, async () => undefined)
  return Object.assign(scene, { clock, latch, attempts: new Attempts(latch, wayIn, maker, clock) })
}

/** Lets everything that can go on go on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

t.test('an attempt that is over is followed by the next after two seconds', async (t) => {
  const s = refusedAttempts()
  for (const [advance, asked] of [
    [0, 1],
    [1_999, 1],
    [1, 2],
    [0, 2],
  ] as const) {
    s.clock.advance(advance)
    for (let i = 0; i < 100; i++) s.attempts.begin()
    await settled()
    t.equal(s.asked, asked)
  }
})

t.test('work waits for the attempt under way, and none begins beside it', async (t) => {
  const s = refusedAttempts()
  const [gate, work] = [deferred(), deferred()]
  s.gate = gate.promise
  s.attempts.begin()
  const steps: string[] = []
  const ended = s.attempts.ended().then(() => steps.push('ended'))
  const worked = s.attempts.pausedFor(async () => {
    steps.push('work')
    await work.promise
  })
  await settled()
  t.same(steps, [])
  gate.resolve()
  await ended
  await settled()
  t.same(steps.sort(), ['ended', 'work'])
  await s.attempts.attempt()
  t.equal(s.asked, 1)
  work.resolve()
  await worked
  await s.attempts.attempt()
  t.equal(s.asked, 2)
  await t.rejects(
    s.attempts.pausedFor(() => Promise.reject(new RangeError('no'))),
    RangeError,
  )
  await s.attempts.attempt()
  t.equal(s.asked, 3, 'work that fails does not stop them for good')
})

t.test('nothing is attempted on what is locked on purpose, or ended', async (t) => {
  const s = refusedAttempts()
  s.latch.lock('idle')
  await s.attempts.attempt()
  t.equal(s.asked, 0)
  s.latch.takeBack(1)
  s.latch.end()
  await s.attempts.attempt()
  t.equal(s.asked, 0)
})
