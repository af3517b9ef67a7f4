import t from 'tap'
import {
  endOutlivedGrants,
  outlivedReason,
  refuseOutlived,
} from '../../../daemon/broker/enforce-lifetime.ts'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { listGrants } from '../../../daemon/broker/list-grants.ts'
import type { GrantState } from '../../../daemon/grant/grant.ts'
import { type FakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleGrant, sampleRecord } from '../../fakes/sample-grant.ts'

const DAY_MS = 86_400_000
const TICK_MS = 30_000
const ask = (rooms: FakeRooms) => issueAccessToken(rooms, sampleCaller(), { grant: 'work' })

/** A grant that logged in now, under limits. */
async function rooms(limits: FakeRooms['say']['lifetime']): Promise<FakeRooms> {
  const made = await roomsWithGrant()
  await made.vault().change('grant-1', (record) => ({
    ...record,
    grant: { ...record.grant, createdAt: made.clock.now() },
  }))
  made.say.lifetime = limits
  return made
}

/** Ticks go by while both clocks agree. */
async function ticks(made: FakeRooms, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += TICK_MS) {
    made.clock.advance(TICK_MS)
    await endOutlivedGrants(made)
  }
}

t.test('past its age a grant gives nothing, cached or fresh, before any tick', async (t) => {
  for (const [limits, reason] of [
    [{ sessionAgeSeconds: 86_400 }, '"work" is older than 1d'],
    [{ idleAgeSeconds: 86_400 }, '"work" is unused for more than 1d'],
  ] as const) {
    const r = await rooms({})
    r.issuers.next((request) => r.issuers.rotate(request, { expiresInSeconds: 30 * 86_400 }))
    await ask(r)
    r.clock.advance(2 * DAY_MS)
    t.equal((await ask(r)).generation, 2, 'the cached token lives long')
    r.say.lifetime = limits
    r.clock.advance(2 * DAY_MS)
    const sent = r.issuers.spent.length
    await t.rejects(ask(r), { code: 'login_required', message: reason, hint: 'grantd login work' })
    r.tokens.clear()
    await t.rejects(ask(r), { code: 'login_required', message: reason })
    t.equal(r.issuers.spent.length, sent, 'and nothing is sent')
    t.match(r.audit.last, { event: 'token.denied', reason: 'login_required' })
  }
})

t.test('what an exchange brought is refused when the age ran out meanwhile', async (t) => {
  const r = await rooms({ sessionAgeSeconds: 60 })
  r.issuers.next(async (request) => {
    r.clock.advance(60_001)
    return await r.issuers.rotate(request)
  })
  await t.rejects(ask(r), { code: 'login_required' })
})

t.test('a grant in use is never idle', async (t) => {
  const r = await rooms({ idleAgeSeconds: 600 })
  for (let i = 0; i < 10; i++) {
    await ask(r)
    await ticks(r, 600_000)
  }
  t.same(r.vault().get('grant-1')?.state, { kind: 'active' })
  t.same(r.issuers.revoked, [])
})

t.test('the tick ends a grant here and at its issuer, and says why', async (t) => {
  const r = await rooms({ sessionAgeSeconds: 86_400 })
  await ticks(r, DAY_MS)
  t.same(r.issuers.revoked, [])
  await ticks(r, TICK_MS)
  t.same(r.issuers.revoked, ['rt-1'])
  t.match(r.vault().get('grant-1')?.state, {
    kind: 'revoked',
    revocation: 'revoked_at_issuer',
    reason: 'older than 1d',
  })
  t.match(
    r.audit.entries.filter(({ event }) => event.startsWith('grant.')),
    [
      { event: 'grant.expired', reason: 'older than 1d', grant: 'work', peer: undefined },
      { event: 'grant.revocation_finished' },
    ],
  )
  await t.rejects(ask(r), { code: 'login_required', message: '"work" is over: older than 1d' })
  t.match(listGrants(r), { grants: [{ state: 'revoked', reason: 'older than 1d' }] })
  await ticks(r, TICK_MS)
  t.equal(r.issuers.revoked.length, 1)
})

t.test('a clock that was set forward ends nothing before it has proved itself', async (t) => {
  const r = await rooms({ sessionAgeSeconds: 86_400, idleAgeSeconds: 86_400 })
  await ticks(r, 3_600_000)
  r.clock.jump(365 * DAY_MS)
  await t.rejects(ask(r), { code: 'login_required' }, 'what can be taken back is refused at once')
  await ticks(r, 270_000)
  t.same(r.vault().get('grant-1')?.state, { kind: 'active' })
  r.clock.jump(-365 * DAY_MS)
  t.match(await ask(r), { grant: 'work' }, 'it was set back, and nothing is lost')
  await ticks(r, 3_600_000)
  t.same(r.vault().get('grant-1')?.state, { kind: 'active' })
  r.clock.jump(365 * DAY_MS)
  await ticks(r, 330_000)
  t.match(r.vault().get('grant-1')?.state, { kind: 'revoked' }, 'it was right after all')
})

t.test('a start is no proof of the clock either', async (t) => {
  const r = await rooms({ sessionAgeSeconds: 86_400 })
  r.clock.jump(365 * DAY_MS)
  await endOutlivedGrants(r)
  t.same(r.vault().get('grant-1')?.state, { kind: 'active' })
})

t.test('one that cannot be ended stands in the way of no other', async (t) => {
  const r = await rooms({ sessionAgeSeconds: 60 })
  await r.vault().add(sampleRecord({ id: 'grant-2', name: 'home' }, 'rt-home'))
  r.clock.advance(300_000)
  r.disk.failing = 1
  await t.rejects(endOutlivedGrants(r), { code: 'vault_locked' })
  t.same(
    r
      .vault()
      .list()
      .map(({ state }) => state.kind),
    ['revoked', 'revoked'],
  )
})

t.test('an audit log that is full stops no end, and is told', async (t) => {
  const r = await rooms({ sessionAgeSeconds: 60 })
  r.clock.advance(300_000)
  r.audit.failing = ['grant.expired']
  await t.rejects(endOutlivedGrants(r), { code: 'audit_unavailable' })
  t.same(r.issuers.revoked, ['rt-1'])
})

t.test('without limits, and of what is over already, nothing is outlived', async (t) => {
  const r = await rooms({})
  r.clock.advance(100 * DAY_MS)
  t.equal(outlivedReason(r, sampleGrant()), undefined)
  r.say.lifetime = { sessionAgeSeconds: 60 }
  const over: readonly GrantState[] = [
    { kind: 'revoked', at: 1, revocation: 'queued' },
    { kind: 'login_required', reason: 'x' },
  ]
  for (const state of over) refuseOutlived(r, sampleGrant({ state }))
  t.throws(() => refuseOutlived(r, sampleGrant()), { code: 'login_required' })
})
