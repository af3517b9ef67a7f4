import t from 'tap'
import {
  grantDetail,
  grantSummary,
  residualUntil,
  revocationFacts,
} from '../../../daemon/broker/grant-detail.ts'
import type { GrantState } from '../../../daemon/grant/grant.ts'
import { API, ISSUER, sampleGrant } from '../../fakes/sample-grant.ts'

const NOW = Date.UTC(2030, 0, 1)
const intent = { tokenHash: 'x', startedAt: 1, attempt: 1 }

t.test('every state has one word for callers, and a reason where there is one', async (t) => {
  const cases: readonly [GrantState, state: string, reason: string | undefined][] = [
    [{ kind: 'active' }, 'active', undefined],
    [{ kind: 'refreshing', intent }, 'active', undefined],
    [{ kind: 'in_doubt', intent }, 'in_doubt', 'the answer to a refresh was lost'],
    [
      { kind: 'in_doubt', intent: { ...intent, attempt: 2 } },
      'login_required',
      'the answer to a refresh was lost',
    ],
    [{ kind: 'login_required', reason: 'it is over' }, 'login_required', 'it is over'],
    [{ kind: 'revoked', at: 1, revocation: 'queued' }, 'revoked', undefined],
  ]
  for (const [state, word, reason] of cases) {
    const grant = sampleGrant({ state })
    t.same(grantSummary(grant), { grant: 'work', state: word })
    const detail = grantDetail(grant, undefined, NOW)
    t.equal(detail.state, word)
    t.equal(detail.reason, reason)
    t.equal(detail.revocation, state.kind === 'revoked' ? 'queued' : 'none')
  }
})

t.test('the detail holds the facts of a grant and no secret', async (t) => {
  const grant = sampleGrant({
    lastRefreshedAt: NOW,
    lastUsedAt: NOW,
    generation: 3,
    subject: 'ada',
  })
  t.same(grantDetail(grant, undefined, NOW), {
    grant: 'work',
    state: 'active',
    issuer: ISSUER,
    client_id: 'client',
    subject: 'ada',
    flow: 'device',
    scopes: { [API]: 'repo:read repo:write' },
    audiences: [API],
    scope_narrowing: 'honored',
    generation: 3,
    created_at: '2029-01-01T00:00:00.000Z',
    last_used_at: '2030-01-01T00:00:00.000Z',
    last_refreshed_at: '2030-01-01T00:00:00.000Z',
    revocation: 'none',
    verified: false,
    access_tokens: { revoked: 0, unsupported: 0, failed: 0 },
  })
  const ways = { rotationGraceSeconds: 30, refreshInvalidatesAccessTokens: true }
  t.match(grantDetail(sampleGrant(ways), undefined, NOW), {
    rotation_grace: 30,
    refresh_invalidates_access_tokens: true,
  })
  const suspect = grantDetail(sampleGrant({ bareRefusals: 3 }), undefined, NOW)
  t.match(suspect, { state: 'active', reason: 'the issuer refused 3 times without saying why' })
  t.notOk('reason' in grantDetail(sampleGrant({ bareRefusals: 2 }), undefined, NOW))
  const later = grantDetail(grant, NOW + 1000, NOW)
  t.equal(later.last_used_at, '2030-01-01T00:00:01.000Z', 'a use newer than the record counts')
  t.notOk('last_used_at' in grantDetail(sampleGrant(), undefined, NOW))
})

t.test('tokens already handed out are worth a warning only while one can still work', async (t) => {
  const state: GrantState = { kind: 'revoked', at: 1, revocation: 'none' }
  const grant = sampleGrant({ state, accessTokensExpireAt: NOW + 1 })
  t.equal(residualUntil(grant, NOW), '2030-01-01T00:00:00.001Z')
  t.equal(residualUntil(grant, NOW + 1), undefined)
  t.equal(grantDetail(grant, undefined, NOW).residual_until, '2030-01-01T00:00:00.001Z')
  t.notOk('residual_until' in grantDetail({ ...grant, state: { kind: 'active' } }, undefined, NOW))
})

t.test('a token that nobody here has seen counts for an hour after the revocation', async (t) => {
  const intent = { tokenHash: 'x', startedAt: 1, attempt: 1 }
  const state: GrantState = { kind: 'revoked', at: NOW, revocation: 'uncertain', intent }
  const grant = sampleGrant({ state, accessTokensExpireAt: NOW + 1 })
  t.equal(residualUntil(grant, NOW), '2030-01-01T01:00:00.000Z')
  t.equal(residualUntil(grant, NOW + 3_600_000), undefined)
  const longer = { ...grant, accessTokensExpireAt: NOW + 7_200_000 }
  t.equal(residualUntil(longer, NOW), '2030-01-01T02:00:00.000Z')
})

t.test('verified is what the issuer itself called over, and nothing else', async (t) => {
  const accessTokens = { revoked: 2, unsupported: 1, failed: 0 }
  const report = { attempts: 1, isVerified: true, accessTokens, nextAttemptAt: NOW }
  for (const [revocation, verified] of [
    ['revoked_at_issuer', true],
    ['queued', false],
    ['uncertain', false],
    ['unsupported', false],
  ] as const) {
    t.same(revocationFacts({ kind: 'revoked', at: 1, revocation, report }), {
      revocation,
      verified,
      access_tokens: accessTokens,
      ...(revocation === 'queued' && { next_attempt_at: '2030-01-01T00:00:00.000Z' }),
    })
  }
  const unproven = { ...report, isVerified: false, problem: 'not confirmed: status 401' }
  t.match(
    revocationFacts({ kind: 'revoked', at: 1, revocation: 'revoked_at_issuer', report: unproven }),
    { verified: false, revocation_problem: 'not confirmed: status 401' },
  )
})

t.test('the preset of a login is told with its values', async (t) => {
  const preset = { name: 'gitlab', values: { host: 'git.example' } }
  t.match(grantDetail(sampleGrant({ preset }), undefined, NOW), {
    preset: 'gitlab',
    preset_values: { host: 'git.example' },
  })
  t.notOk('preset' in grantDetail(sampleGrant(), undefined, NOW))
})
