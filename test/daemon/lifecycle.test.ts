import t from 'tap'
import { revokeGrant } from '../../daemon/broker/revoke-grant.ts'
import { Opened, openWhenMended, standingTasks } from '../../daemon/lifecycle.ts'
import { deferred } from '../fakes/deferred.ts'
import { fakeRooms, roomsWithGrant, sampleCaller } from '../fakes/fake-rooms.ts'
import { rotate } from './vault/conformance.ts'

t.test('what was opened last is closed first, and everything is closed', async (t) => {
  const steps: string[] = []
  const opened = new Opened()
  const first = new Error('first')
  opened.push(() => void steps.push('ground'))
  opened.push(async () => {
    steps.push('middle')
    throw new Error('second')
  })
  opened.push(() => {
    steps.push('top')
    throw first
  })
  await t.rejects(opened.closeAll(), first)
  t.same(steps, ['top', 'middle', 'ground'])
  await opened.closeAll()
  t.equal(steps.length, 3, 'and only once')
})

t.test('a vault is opened once the configuration is mended, and not before', async (t) => {
  const { promise, resolve } = deferred()
  let isBroken = true
  let attempts = 0
  const door = {
    attempt: async () => {
      attempts += 1
      resolve()
    },
  }
  const looks = deferred()
  const stop = openWhenMended(() => {
    setImmediate(looks.resolve)
    return isBroken
  }, door)
  await looks.promise
  t.equal(attempts, 0)
  isBroken = false
  await promise
  stop()
  t.equal(attempts, 1)
})

t.test('a configuration that was in order is not looked at again', async (t) => {
  let looks = 0
  const isBroken = () => {
    looks += 1
    return false
  }
  openWhenMended(isBroken, { attempt: async () => void t.fail('nothing to open') })()
  t.equal(looks, 1)
})

const never = async () => undefined
const SEEN = { elapsedMs: 0, jumpMs: 0 }
const OPEN = new AbortController().signal

t.test('a locked vault is tried again, and nothing is asked of it', async (t) => {
  const rooms = fakeRooms()
  rooms.say.vault = () => {
    throw new Error('locked')
  }
  let attempts = 0
  const door = {
    state: () => ({ kind: 'locked', detail: '' }) as const,
    attempt: async () => {
      attempts += 1
    },
  }
  for (const { run } of standingTasks(rooms, door, never, OPEN)) await run(SEEN)
  t.equal(attempts, 1)
})

t.test('what a full disk left unsaved is written on a tick', async (t) => {
  const rooms = await roomsWithGrant()
  const door = {
    state: () => ({ kind: 'sealed', detail: '' }) as const,
    attempt: async () => void t.fail('it is open'),
  }
  rooms.disk.failing = 1
  await t.rejects(rooms.vault().change('grant-1', rotate), { code: 'vault_locked' })
  t.equal(rooms.disk.record('grant-1')?.grant.generation, 1)
  t.equal(rooms.vault().unsaved, 1)
  for (const { run } of standingTasks(rooms, door, never, OPEN)) await run(SEEN)
  t.equal(rooms.disk.record('grant-1')?.grant.generation, 2)
  t.equal(rooms.vault().unsaved, 0)
})

t.test('a revocation that did not get through is tried again on a tick', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.revocation = { kind: 'failed', reason: 'connection refused' }
  await revokeGrant(rooms, sampleCaller(), 'work')
  rooms.issuers.revocation = { kind: 'revoked' }
  rooms.clock.advance(60_000)
  const door = {
    state: () => ({ kind: 'sealed', detail: '' }) as const,
    attempt: async () => void t.fail('it is open'),
  }
  const ending = AbortSignal.abort()
  for (const { run } of standingTasks(rooms, door, never, ending)) await run(SEEN)
  t.match(rooms.vault().get('grant-1')?.state, { revocation: 'queued' }, 'not at the end')
  for (const { run } of standingTasks(rooms, door, never, OPEN)) await run(SEEN)
  t.match(rooms.vault().get('grant-1')?.state, { revocation: 'revoked_at_issuer' })
})

t.test('a vault that nobody uses is locked on a tick', async (t) => {
  const steps: string[] = []
  const door = {
    state: () => ({ kind: 'locked', detail: '' }) as const,
    attempt: async () => void steps.push('attempt'),
  }
  const autoLock = async () => void steps.push('auto_lock')
  for (const { run } of standingTasks(fakeRooms(), door, autoLock, OPEN)) await run(SEEN)
  t.same(steps, ['auto_lock', 'attempt'])
})
