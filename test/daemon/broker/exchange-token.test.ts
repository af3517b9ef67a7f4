import t from 'tap'
import { exchangeToken } from '../../../daemon/broker/exchange-token.ts'
import { tokenKey } from '../../../daemon/broker/token-key.ts'
import { transition } from '../../../daemon/grant/transition.ts'
import type { IssuerFailure } from '../../../daemon/issuer/issuer.ts'
import { deferred } from '../../fakes/deferred.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, sampleGrant, samplePeer } from '../../fakes/sample-grant.ts'

const target = { audience: API, scope: ['repo:read'], sentScope: ['repo:read'] }

t.test('64 callers who want the same token bring about one exchange', async (t) => {
  const rooms = await roomsWithGrant()
  const gate = deferred()
  rooms.issuers.next(async (request) => {
    await gate.promise
    return await rooms.issuers.rotate(request)
  })
  const callers = Array.from({ length: 64 }, (_, i) =>
    exchangeToken(rooms, sampleCaller({ peer: samplePeer({ pid: i + 1 }) }), sampleGrant(), target),
  )
  gate.resolve()
  const tokens = new Set((await Promise.all(callers)).map((token) => token.value))
  t.same([...tokens], ['at-2'])
  t.same(rooms.issuers.spent, ['rt-1'])
  t.match(rooms.audit.entries, [
    { event: 'grant.refresh_begun', peer: { pid: 1 } },
    { event: 'grant.refreshed', reason: 'rotated', peer: { pid: 1 }, grant: 'work', generation: 2 },
  ])
  t.equal(rooms.audit.entries.length, 2)
})

t.test('the token is kept, also when the record of its exchange fails', async (t) => {
  const rooms = await roomsWithGrant()
  await exchangeToken(rooms, sampleCaller(), sampleGrant(), target)
  t.equal(rooms.tokens.fresh(tokenKey(sampleGrant(), target), 0)?.value, 'at-2')
  rooms.audit.failing = ['grant.refreshed']
  const other = { ...target, scope: ['repo:write'], sentScope: ['repo:write'] }
  await t.rejects(exchangeToken(rooms, sampleCaller(), sampleGrant(), other), {
    code: 'audit_unavailable',
  })
  t.equal(rooms.tokens.fresh(tokenKey(sampleGrant(), other), 0)?.value, 'at-3')
})

t.test('every outcome without a token has its code, and is on record first', async (t) => {
  const cases: readonly [
    IssuerFailure,
    error: { code: string; retryAfterSeconds?: number; hint?: string },
    reason: string,
  ][] = [
    [
      { kind: 'not_sent', reason: 'ECONNREFUSED' },
      { code: 'issuer_unreachable', retryAfterSeconds: 1 },
      'transient',
    ],
    [
      { kind: 'unusable', reason: 'answer is not JSON' },
      { code: 'issuer_unreachable', retryAfterSeconds: 5 },
      'transient',
    ],
    [
      { kind: 'in_doubt', reason: 'connection lost', retryAfterSeconds: 9 },
      { code: 'refresh_in_doubt', retryAfterSeconds: 25 },
      'in_doubt',
    ],
    [
      { kind: 'grant_dead', code: 'invalid_grant' },
      { code: 'login_required', hint: 'grantd login work' },
      'permanent',
    ],
    [
      { kind: 'step_up', code: 'consent_required' },
      { code: 'step_up_required', hint: 'grantd login work' },
      'permanent',
    ],
    [{ kind: 'client_broken', code: 'invalid_client' }, { code: 'issuer_rejected' }, 'permanent'],
    [{ kind: 'request_wrong', code: 'invalid_scope' }, { code: 'invalid_scope' }, 'permanent'],
  ]
  for (const [failure, error, reason] of cases) {
    const rooms = await roomsWithGrant()
    rooms.issuers.next(failure)
    await t.rejects(exchangeToken(rooms, sampleCaller(), sampleGrant(), target), error)
    t.match(rooms.audit.last, { event: 'grant.refresh_failed', reason, scope: ['repo:read'] })
    const unrecorded = await roomsWithGrant()
    unrecorded.audit.failing = ['grant.refresh_failed']
    unrecorded.issuers.next(failure)
    await t.rejects(
      exchangeToken(unrecorded, sampleCaller(), sampleGrant(), target),
      { code: 'audit_unavailable' },
      'nothing is answered unrecorded',
    )
  }
})

t.test('a dead grant takes its cached tokens with it', async (t) => {
  const rooms = await roomsWithGrant()
  await exchangeToken(rooms, sampleCaller(), sampleGrant(), target)
  rooms.issuers.next({ kind: 'grant_dead', code: 'invalid_grant' })
  const other = { ...target, scope: ['repo:write'], sentScope: ['repo:write'] }
  await t.rejects(exchangeToken(rooms, sampleCaller(), sampleGrant(), other), {
    code: 'login_required',
  })
  t.equal(rooms.tokens.size, 0)
})

t.test('a revoked or vanished grant is exchanged for nothing', async (t) => {
  const rooms = await roomsWithGrant()
  const revoked = sampleGrant({ state: { kind: 'revoked', at: 1, revocation: 'none' } })
  const hint = 'grantd login work'
  await t.rejects(exchangeToken(rooms, sampleCaller(), revoked, target), {
    code: 'login_required',
    hint,
  })
  const gone = sampleGrant({ id: 'gone' })
  await t.rejects(exchangeToken(rooms, sampleCaller(), gone, target), {
    code: 'login_required',
    hint,
  })
  t.same(rooms.issuers.spent, [])
  t.same(rooms.audit.entries, [], 'and nothing was begun')
})

t.test(
  'a grant revoked while its exchange is being recorded leaves no token in the cache',
  async (t) => {
    const rooms = await roomsWithGrant()
    rooms.audit.whileSyncing = async ({ event }) => {
      if (event !== 'grant.refreshed') return
      t.equal(rooms.tokens.size, 1)
      rooms.tokens.dropGrant('grant-1')
      await rooms.vault().change('grant-1', (record) => ({
        ...record,
        grant: transition(record.grant, { kind: 'revoked', at: 1, revocation: 'queued' }),
      }))
    }
    await exchangeToken(rooms, sampleCaller(), sampleGrant(), target)
    t.equal(rooms.tokens.size, 0)
  },
)
