import t from 'tap'
import { exchangeOnRecord } from '../../../daemon/broker/exchange-on-record.ts'
import { tokenKey } from '../../../daemon/broker/token-key.ts'
import { transition } from '../../../daemon/grant/transition.ts'
import { type FakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, ISSUER, sampleGrant } from '../../fakes/sample-grant.ts'

const ask = { audience: API, scope: ['repo:read'], sentScope: ['repo:read'] }

const exchange = (rooms: FakeRooms, id = 'grant-1') =>
  exchangeOnRecord(rooms, sampleCaller(), id, ask)

const cached = (rooms: FakeRooms) => rooms.tokens.fresh(tokenKey(sampleGrant(), ask), 0)?.value

t.test('a line before anything is sent, and one before the answer', async (t) => {
  const rooms = await roomsWithGrant()
  t.match(await exchange(rooms), { kind: 'rotated' })
  t.same(rooms.steps, [
    'audit: grant.refresh_begun',
    'durable: refreshing 1',
    'send',
    'durable: active 2',
    'audit: grant.refreshed',
  ])
  const facts = {
    peer: { pid: 4242 },
    grant: 'work',
    grantId: 'grant-1',
    issuer: ISSUER,
    scope: ['repo:read'],
    audience: API,
  }
  t.match(rooms.audit.entries, [
    { ...facts, generation: 1 },
    { ...facts, reason: 'rotated', generation: 2 },
  ])
})

t.test('a log that is full sends nothing and costs no rotation', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.audit.failing = 'all'
  for (let i = 0; i < 3; i++) await t.rejects(exchange(rooms), { code: 'audit_unavailable' })
  t.same(rooms.issuers.spent, [])
  t.match(rooms.vault().get('grant-1'), { generation: 1, state: { kind: 'active' } })
})

t.test('a log that fills up meanwhile costs the answer, not the token', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.audit.failing = ['grant.refreshed']
  await t.rejects(exchange(rooms), { code: 'audit_unavailable' })
  t.equal(cached(rooms), 'at-2')
})

t.test('the token of a grant that was revoked meanwhile is not kept', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.next(async (request) => {
    const answer = await rooms.issuers.rotate(request, { rotates: false })
    await rooms.vault().change('grant-1', (record) => ({
      ...record,
      grant: transition(record.grant, { kind: 'revoked', at: 1, revocation: 'queued' }),
    }))
    return answer
  })
  t.match(await exchange(rooms), { kind: 'superseded' })
  t.equal(rooms.tokens.size, 0)
})

t.test('the scope of a token that taught it is the scope it is kept for', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { scope: ['repo:read'] }))
  const learn = { audience: API, scope: undefined, sentScope: undefined }
  await exchangeOnRecord(rooms, sampleCaller(), 'grant-1', learn)
  t.equal(cached(rooms), 'at-2')
  t.notOk('scope' in (rooms.audit.last ?? {}))
})

t.test('what was not sent has no line of its own', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.next({ kind: 'retry_later', retryAfterSeconds: 60 })
  await exchange(rooms)
  t.same(rooms.audit.events(), ['grant.refresh_begun', 'grant.refresh_failed'])
  t.match(await exchange(rooms), { kind: 'transient' })
  t.match(await exchange(rooms, 'gone'), { kind: 'superseded' })
  t.equal(rooms.audit.entries.length, 2)
})

t.test('an exchange that breaks is on record with its code', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.disk.failing = 1
  await t.rejects(exchange(rooms), { code: 'vault_locked' })
  t.match(rooms.audit.last, {
    event: 'grant.refresh_failed',
    reason: 'vault_locked',
    grant: 'work',
  })
  rooms.issuers.next(async () => {
    throw new TypeError('a mistake')
  })
  await t.rejects(exchange(rooms), { message: 'a mistake' })
  t.match(rooms.audit.last, { event: 'grant.refresh_failed', reason: 'internal_error' })
})

t.test('a dead grant takes its cached tokens with it', async (t) => {
  const rooms = await roomsWithGrant()
  await exchange(rooms)
  rooms.issuers.next({ kind: 'grant_dead', code: 'invalid_grant' })
  t.match(await exchange(rooms), { kind: 'permanent', code: 'login_required' })
  t.equal(rooms.tokens.size, 0)
})

t.test('the retry of a lost answer is on record as one, and every failure says why', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  await exchange(rooms)
  rooms.clock.advance(25_000)
  await exchange(rooms)
  t.match(
    rooms.audit.entries.map(({ event, reason }) => [event, reason]),
    [
      ['grant.refresh_begun', undefined],
      ['grant.refresh_failed', 'in_doubt: connection lost'],
      ['grant.refresh_begun', 'retry_in_doubt'],
      ['grant.refreshed', 'rotated'],
    ],
  )
})

t.test('a suspect keeps the tokens it has, a dead grant none', async (t) => {
  for (const [failure, left] of [
    [{ kind: 'refused_bare', reason: 'status 400, no reason' }, 1],
    [{ kind: 'grant_dead', code: 'invalid_grant' }, 0],
  ] as const) {
    const rooms = await roomsWithGrant({ bareRefusals: 2 })
    await exchangeOnRecord(rooms, sampleCaller(), 'grant-1', {
      ...ask,
      scope: ['repo:write'],
      sentScope: ['repo:write'],
    })
    await rooms.vault().change('grant-1', (record) => ({
      ...record,
      grant: { ...record.grant, bareRefusals: 2 },
    }))
    rooms.issuers.next(failure)
    t.match(await exchange(rooms), { kind: 'permanent', code: 'login_required' })
    t.equal(rooms.tokens.size, left, failure.kind)
  }
})
