import t from 'tap'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { renewTokens, rescueDoubts } from '../../../daemon/broker/renew-tokens.ts'
import type { Grant } from '../../../daemon/grant/grant.ts'
import { NOT_SENT_PAUSES } from '../../../daemon/refresh/pauses.ts'
import { deferred } from '../../fakes/deferred.ts'
import { type FakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'

const QUIET = { elapsedMs: 30_000, jumpMs: 0 }
const RESUMED = { elapsedMs: 30_000, jumpMs: 3_600_000 }
const OPEN = new AbortController().signal

const ask = (rooms: FakeRooms) => issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
const renew = (rooms: FakeRooms) => renewTokens(rooms, QUIET, OPEN)

/** A grant whose token of an hour somebody got; it is due after 45 minutes. */
async function used(changes: Partial<Grant> = {}): Promise<FakeRooms> {
  const rooms = await roomsWithGrant(changes)
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { expiresInSeconds: 3_600 }))
  await ask(rooms)
  rooms.audit.entries.length = 0
  return rooms
}

t.test(
  'a token in use is renewed before its end, and nobody waits or is let in by it',
  async (t) => {
    const rooms = await used()
    rooms.clock.advance(2_699_000)
    await renew(rooms)
    t.equal(rooms.issuers.spent.length, 1)
    rooms.clock.advance(1_000)
    const goOn = deferred()
    rooms.issuers.next(async (request) => {
      await goOn.promise
      return await rooms.issuers.rotate(request)
    })
    rooms.questions.length = 0
    const renewing = renew(rooms)
    t.match(await ask(rooms), { access_token: 'at-2' }, 'who has the cached token does not wait')
    t.equal(rooms.questions.length, 2, 'policy is asked for callers alone')
    goOn.resolve()
    await renewing
    t.match(await ask(rooms), { access_token: 'at-3' })
    t.equal(rooms.issuers.spent.length, 2)
    const begun = rooms.audit.entries.find(({ event }) => event === 'grant.refresh_begun')
    t.ok(begun)
    t.equal(begun?.peer, undefined, 'the daemon itself')
  },
)

t.test('who needs a token while it is renewed joins the same exchange', async (t) => {
  const rooms = await used()
  rooms.clock.advance(2_700_000)
  const goOn = deferred()
  rooms.issuers.next(async (request) => {
    await goOn.promise
    return await rooms.issuers.rotate(request)
  })
  const renewing = renew(rooms)
  rooms.tokens.clear()
  const asked = ask(rooms)
  goOn.resolve()
  await renewing
  t.equal((await asked).access_token, 'at-3')
  t.equal(rooms.issuers.spent.length, 2)
})

t.test('what nobody got is not renewed, and a user who left costs one exchange', async (t) => {
  const rooms = await used()
  for (let i = 0; i < 10; i++) {
    rooms.clock.advance(2_700_000)
    rooms.issuers.next((request) => rooms.issuers.rotate(request, { expiresInSeconds: 3_600 }))
    await renew(rooms)
  }
  t.equal(rooms.issuers.spent.length, 2)
})

t.test('nothing is renewed where that would cost something', async (t) => {
  const cases: Readonly<Record<string, (rooms: FakeRooms) => unknown>> = {
    'a grant in doubt': (rooms) =>
      rooms.vault().change('grant-1', (record) => ({
        ...record,
        grant: {
          ...record.grant,
          state: { kind: 'in_doubt', intent: { tokenHash: 'x', startedAt: 1, attempt: 1 } },
        },
      })),
    'a pause': (rooms) => rooms.backOff.failed('grant-1', 'off', NOT_SENT_PAUSES),
    'an age that is over': (rooms) => {
      rooms.say.lifetime = { sessionAgeSeconds: 60 }
    },
    'a grant that is gone': (rooms) => rooms.vault().remove('grant-1'),
    'a scope that is not granted any more': (rooms) =>
      rooms.vault().change('grant-1', (record) => ({
        ...record,
        grant: { ...record.grant, scopes: {}, audiences: [] },
      })),
  }
  for (const [name, change] of Object.entries(cases)) {
    const rooms = await used()
    rooms.clock.advance(2_700_000)
    await change(rooms)
    await renew(rooms)
    t.equal(rooms.issuers.spent.length, 1, name)
  }
  const shared = await used({ refreshInvalidatesAccessTokens: true })
  shared.clock.advance(2_700_000)
  await renew(shared)
  t.equal(shared.issuers.spent.length, 1, 'a refresh that ends tokens')
})

t.test('a network that is away is tried again, a refusal is not', async (t) => {
  for (const [failure, tries] of [
    [{ kind: 'not_sent', reason: 'off' }, 3],
    [{ kind: 'request_wrong', code: 'invalid_scope' }, 2],
  ] as const) {
    const rooms = await used()
    rooms.clock.advance(2_700_000)
    rooms.issuers.next(failure)
    for (let i = 0; i < 3; i++) {
      await renew(rooms)
      rooms.clock.advance(30_000)
    }
    t.equal(rooms.issuers.spent.length, tries, failure.kind)
  }
})

t.test('one that fails by our own fault is told, and stops no other', async (t) => {
  const rooms = await used()
  rooms.clock.advance(2_700_000)
  rooms.audit.failing = 'all'
  await t.rejects(renew(rooms), { code: 'audit_unavailable' })
  t.equal(rooms.issuers.spent.length, 1)
})

t.test('after a resume the pauses of the time without a network are over', async (t) => {
  const rooms = await used()
  rooms.backOff.failed('grant-1', 'off', NOT_SENT_PAUSES)
  await renew(rooms)
  t.equal(rooms.backOff.waitSeconds('grant-1'), 1)
  await renewTokens(rooms, RESUMED, OPEN)
  t.equal(rooms.backOff.waitSeconds('grant-1'), 0)
})

t.test(
  'after a resume what is due waits by chance, and an end of the daemon ends that',
  async (t) => {
    const rooms = await used()
    rooms.clock.advance(2_700_000)
    const ending = new AbortController()
    const spread = { ...rooms, random: () => 1 }
    const renewing = renewTokens(spread, RESUMED, ending.signal)
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(rooms.issuers.spent.length, 1, 'nothing is sent at once')
    ending.abort()
    await renewing
    t.equal(rooms.issuers.spent.length, 1)
    const other = await used()
    other.clock.advance(2_700_000)
    await renewTokens(other, RESUMED, OPEN)
    t.equal(other.issuers.spent.length, 2)
  },
)

/** A grant whose first answer was lost. */
async function inDoubt(changes: Partial<Grant>): Promise<FakeRooms> {
  const rooms = await roomsWithGrant(changes)
  rooms.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  await t.rejects(ask(rooms), { code: 'refresh_in_doubt' })
  return rooms
}

t.test('a lost answer is asked for inside the grace window, though nobody asks', async (t) => {
  const rooms = await inDoubt({ rotationGraceSeconds: 120 })
  await rescueDoubts(rooms, 20_000, OPEN)
  t.equal(rooms.issuers.spent.length, 1, 'not before its pause is over')
  rooms.clock.advance(25_000)
  await rescueDoubts(rooms, 20_000, OPEN)
  t.same(rooms.issuers.spent, ['rt-1', 'rt-1'])
  t.match(rooms.vault().get('grant-1'), { generation: 2, state: { kind: 'active' } })
  t.match(
    rooms.audit.entries.map(({ event, reason }) => [event, reason]),
    [
      ['grant.refresh_begun', undefined],
      ['grant.refresh_failed', 'in_doubt: connection lost'],
      ['token.denied', 'refresh_in_doubt'],
      ['grant.refresh_begun', 'retry_in_doubt'],
      ['grant.refreshed', 'rotated'],
    ],
  )
})

t.test('a retry that is due before the next round is waited for', async (t) => {
  const rooms = await inDoubt({ rotationGraceSeconds: 0.1 })
  const rescuing = rescueDoubts(rooms, 30_000, OPEN)
  rooms.clock.advance(60)
  await rescuing
  t.equal(rooms.issuers.spent.length, 2)
  const ended = await inDoubt({ rotationGraceSeconds: 60 })
  const ending = new AbortController()
  const waiting = rescueDoubts(ended, 30_000, ending.signal)
  ending.abort()
  await waiting
  t.equal(ended.issuers.spent.length, 1, 'the end of the daemon ends the waiting')
})

t.test('outside of a window that is known nobody but a caller retries', async (t) => {
  for (const changes of [{}, { rotationGraceSeconds: 0 }, { rotationGraceSeconds: 20 }]) {
    const rooms = await inDoubt(changes)
    rooms.clock.advance(30_000)
    await rescueDoubts(rooms, 30_000, OPEN)
    t.equal(rooms.issuers.spent.length, 1, JSON.stringify(changes))
  }
  const over = await inDoubt({ rotationGraceSeconds: 120 })
  over.clock.advance(30_000)
  over.say.lifetime = { sessionAgeSeconds: 60 }
  await rescueDoubts(over, 30_000, OPEN)
  t.equal(over.issuers.spent.length, 1, 'nor what has outlived its limits')
})

t.test('what no rule would hand out is not renewed', async (t) => {
  const rooms = await used()
  rooms.say.couldGive = false
  rooms.clock.advance(2_700_000)
  await renew(rooms)
  t.equal(rooms.issuers.spent.length, 1)
})
