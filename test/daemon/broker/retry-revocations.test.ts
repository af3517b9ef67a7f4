import t from 'tap'
import { retryRevocations } from '../../../daemon/broker/retry-revocations.ts'
import { revokeGrant } from '../../../daemon/broker/revoke-grant.ts'
import { type Deferred, deferred } from '../../fakes/deferred.ts'
import { fakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleRecord } from '../../fakes/sample-grant.ts'

const queued = { kind: 'revoked', at: 1, revocation: 'queued' } as const

t.test('what did not get through is told again until it does', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.revocation = { kind: 'failed', reason: 'off' }
  await revokeGrant(rooms, sampleCaller(), 'work')
  rooms.clock.advance(60_000)
  t.equal(await retryRevocations(rooms), 1)
  rooms.issuers.revocation = { kind: 'revoked' }
  rooms.clock.advance(120_000)
  t.equal(await retryRevocations(rooms), 0)
  t.same(rooms.issuers.revoked, ['rt-1', 'rt-1', 'rt-1'])
  t.equal(await retryRevocations(rooms), 0)
  t.equal(rooms.issuers.revoked.length, 3, 'and then never again')
  t.match(rooms.vault().get('grant-1')?.state, { revocation: 'revoked_at_issuer' })
})

t.test('a living grant is left alone', async (t) => {
  const rooms = await roomsWithGrant()
  t.equal(await retryRevocations(rooms), 0)
  t.same(rooms.steps, [])
})

t.test('a replaced grant is forgotten once its issuer knows', async (t) => {
  const rooms = await roomsWithGrant({ state: queued })
  await rooms.vault().add(sampleRecord({ id: 'newer', createdAt: rooms.clock.now() }))
  rooms.issuers.revocation = { kind: 'failed', reason: 'off' }
  t.equal(await retryRevocations(rooms), 1)
  t.equal(rooms.vault().list().length, 2)
  rooms.issuers.revocation = { kind: 'unsupported' }
  rooms.clock.advance(60_000)
  t.equal(await retryRevocations(rooms), 0)
  t.same(
    rooms
      .vault()
      .list()
      .map((grant) => grant.id),
    ['newer'],
  )
})

t.test('a replaced grant that a crash left alive ends too, at the issuer as well', async (t) => {
  const rooms = await roomsWithGrant()
  await rooms.vault().add(sampleRecord({ id: 'newer', createdAt: rooms.clock.now() }, 'rt-new'))
  t.equal(await retryRevocations(rooms), 0)
  t.same(rooms.issuers.revoked, ['rt-1'])
  t.same(rooms.audit.events(), ['grant.revoked', 'grant.revocation_finished'])
  t.equal(rooms.vault().get('newer')?.state.kind, 'active')
  t.equal(rooms.vault().get('grant-1'), undefined)
})

t.test('at the end of the daemon no further issuer is waited for', async (t) => {
  const rooms = fakeRooms()
  for (let i = 0; i < 40; i++)
    await rooms.vault().add(sampleRecord({ id: `g${i}`, name: `g${i}`, state: queued }, `rt-${i}`))
  const ending = new AbortController()
  const asked: Deferred<void>[] = []
  rooms.issuers.revoke = async () => {
    const answer = deferred()
    asked.push(answer)
    await answer.promise
    return { kind: 'failed', reason: 'timed out' }
  }
  const round = retryRevocations(rooms, ending.signal)
  while (asked.length < 4) await new Promise(setImmediate)
  ending.abort()
  for (const { resolve } of asked) resolve()
  t.equal(await round, 40, 'all are queued still')
  t.equal(asked.length, 4, 'those that had been asked, and nobody else')
})

t.test('each grant fails alone', async (t) => {
  const rooms = await roomsWithGrant({ state: queued })
  await rooms.vault().add(sampleRecord({ id: 'b', name: 'b', state: queued }, 'rt-b'))
  rooms.disk.beforeWrite = async ({ grant }) => {
    if (grant.id === 'b') throw Object.assign(new Error('no'), { code: 'EIO' })
  }
  t.equal(await retryRevocations(rooms), 1)
  t.match(rooms.vault().get('grant-1')?.state, { revocation: 'revoked_at_issuer' })
})

t.test('a replaced grant that cannot be removed is tried again', async (t) => {
  const rooms = await roomsWithGrant({ state: { ...queued, revocation: 'none' } })
  await rooms.vault().add(sampleRecord({ id: 'newer', createdAt: rooms.clock.now() }))
  let isBroken = true
  rooms.disk.remove = () => {
    if (isBroken) throw Object.assign(new Error('no'), { code: 'EIO' })
  }
  t.equal(await retryRevocations(rooms), 1)
  isBroken = false
  t.equal(await retryRevocations(rooms), 0)
  t.equal(rooms.vault().list().length, 1)
})

t.test('an issuer that stays away is asked less and less often, and at least hourly', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.revocation = { kind: 'failed', reason: 'off' }
  await revokeGrant(rooms, sampleCaller(), 'work')
  rooms.steps.length = 0
  const asked: number[] = []
  for (let minute = 1; minute <= 250; minute++) {
    rooms.clock.advance(60_000)
    const before = rooms.issuers.revoked.length
    t.equal(await retryRevocations(rooms), 1)
    if (rooms.issuers.revoked.length > before) asked.push(minute)
  }
  t.same(asked, [1, 3, 7, 15, 31, 63, 123, 183, 243])
  t.same([...new Set(rooms.steps)], ['revoke', 'durable: revoked 1'], 'and nothing else happens')
})

t.test('a replaced grant that was forgotten is in no list of memory', async (t) => {
  const rooms = await roomsWithGrant({ state: queued })
  await rooms.vault().add(sampleRecord({ id: 'newer', createdAt: rooms.clock.now() }))
  rooms.uses.set('grant-1', 1)
  await retryRevocations(rooms)
  t.equal(rooms.uses.size, 0)
})

t.test('a daemon that is started again keeps the pause of the one before', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.revocation = { kind: 'failed', reason: 'off' }
  await revokeGrant(rooms, sampleCaller(), 'work')
  for (let starts = 0; starts < 3; starts++) {
    const again = fakeRooms()
    const record = rooms.vault().open('grant-1')
    await again.vault().add(record)
    again.clock.advance(59_999)
    t.equal(await retryRevocations(again), 1)
    t.same(again.issuers.revoked, [], 'nobody is asked')
    again.clock.advance(1)
    t.equal(await retryRevocations(again), 0)
    t.same(again.issuers.revoked, ['rt-1'])
  }
})
