import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { settleRevocation } from '../../../daemon/broker/settle-revocation.ts'
import type { Told } from '../../../daemon/broker/tell-issuer.ts'
import type { GrantState, RevocationReport } from '../../../daemon/grant/grant.ts'
import type { GrantRecord } from '../../../daemon/grant/grant-record.ts'
import { packTokens, unpackTokens } from '../../../daemon/vault/kept-tokens.ts'
import { sampleRecord } from '../../fakes/sample-grant.ts'

const NOW = 1_000_000

function queued(
  values: readonly string[] = [],
  state: Partial<Extract<GrantState, { kind: 'revoked' }>> = {},
): GrantRecord {
  const { secret } = packTokens(values.map((value) => ({ value, expiresAt: NOW + 60_000 })))
  return {
    ...sampleRecord({ state: { kind: 'revoked', at: 1, revocation: 'queued', ...state } }),
    previousRefreshToken: Secret.fromText('rt-0'),
    clientSecret: Secret.fromText('hush'),
    ...(secret && { accessTokens: secret }),
  }
}

function told(changes: Partial<Told> = {}): Told {
  return {
    closed: new Set(),
    counts: { revoked: 0, unsupported: 0, failed: 0 },
    problems: [],
    retryAfterSeconds: 0,
    ...changes,
  }
}

const report = (changes: Partial<RevocationReport>): RevocationReport => ({
  attempts: 1,
  isVerified: false,
  accessTokens: { revoked: 0, unsupported: 0, failed: 0 },
  ...changes,
})

const settle = (record: GrantRecord, what: Told) => settleRevocation(record, what, NOW, 0)
const reportOf = ({ grant: { state } }: GrantRecord) =>
  state.kind === 'revoked' ? state.report : undefined

t.test('with nothing left to be told the secrets go', async (t) => {
  for (const [answer, intent, revocation] of [
    ['revoked', undefined, 'revoked_at_issuer'],
    ['revoked', { tokenHash: 'x', startedAt: 1, attempt: 1 }, 'uncertain'],
    ['unsupported', undefined, 'unsupported'],
  ] as const) {
    const record = queued(['at-1'], intent && { intent })
    const after = settle(
      record,
      told({ refreshToken: answer, isVerified: true, closed: new Set(['at-1']) }),
    )
    t.same(Object.keys(after), ['grant'])
    t.match(after.grant.state, { kind: 'revoked', at: 1, revocation })
    t.notOk(reportOf(after)?.nextAttemptAt)
  }
})

t.test('a refresh token that is not settled keeps the record, and the pauses grow', async (t) => {
  const first = settle(queued(['at-1']), told({ problems: ['off', 'off too'] }))
  t.match(first, { refreshToken: {}, clientSecret: {}, accessTokens: {} })
  t.match(first.grant.state, { revocation: 'queued' })
  t.same(
    reportOf(first),
    report({
      nextAttemptAt: NOW + 60_000,
      problem: 'off; off too',
      accessTokens: { revoked: 0, unsupported: 0, failed: 1 },
    }),
  )
  const second = settle(first, told({ problems: ['off'], retryAfterSeconds: 200 }))
  t.match(reportOf(second), { attempts: 2, nextAttemptAt: NOW + 200_000, problem: 'off' })
  t.match(reportOf(second), { accessTokens: { failed: 1 } }, 'nothing is counted twice')
  const third = settle(second, told({ refreshToken: 'revoked', isVerified: true }))
  t.match(reportOf(third), { attempts: 3, refreshToken: 'revoked' })
})

t.test('access tokens alone are waited for without the refresh token', async (t) => {
  const before = { failed: 2, revoked: 0, unsupported: 0 }
  const record = queued(['at-1', 'at-2'], { report: report({ accessTokens: before }) })
  const first = settle(
    record,
    told({
      refreshToken: 'revoked',
      isVerified: true,
      closed: new Set(['at-1']),
      counts: { revoked: 1, unsupported: 0, failed: 0 },
    }),
  )
  t.notOk(first.refreshToken)
  t.notOk(first.previousRefreshToken)
  t.same(
    unpackTokens(first.accessTokens).map(({ value }) => value),
    ['at-2'],
  )
  t.match(reportOf(first), {
    refreshToken: 'revoked',
    accessTokens: { revoked: 1, unsupported: 0, failed: 1 },
  })
  const last = settle(
    first,
    told({
      isVerified: false,
      closed: new Set(['at-2']),
      counts: { revoked: 1, unsupported: 0, failed: 0 },
    }),
  )
  t.match(last.grant.state, { revocation: 'revoked_at_issuer' })
  t.match(reportOf(last), { isVerified: false, accessTokens: { revoked: 2, failed: 0 } })
})

t.test('what has ended by itself, or had no room, is not called revoked', async (t) => {
  const before = { failed: 3, revoked: 0, unsupported: 0 }
  const record = queued(['at-1'], { report: report({ accessTokens: before }) })
  const after = settle(record, told({ refreshToken: 'revoked', closed: new Set(['at-1']) }))
  t.match(reportOf(after), { accessTokens: { revoked: 0, failed: 2 } })
})

t.test('verified means every word of the issuer, the earlier ones too', async (t) => {
  for (const [before, now, after] of [
    [undefined, true, true],
    [undefined, false, false],
    [undefined, undefined, false],
    [report({}), true, true],
    [report({ refreshToken: 'revoked', isVerified: true }), undefined, true],
    [report({ refreshToken: 'revoked', isVerified: true }), false, false],
    [report({ refreshToken: 'revoked', isVerified: false }), true, false],
    [report({ accessTokens: { revoked: 1, unsupported: 0, failed: 0 } }), true, false],
  ] as const) {
    const record = queued([], before && { report: before })
    const settled = settle(
      record,
      told({ refreshToken: 'revoked', ...(now !== undefined && { isVerified: now }) }),
    )
    t.equal(reportOf(settled)?.isVerified, after)
  }
})

t.test('what came into the record meanwhile stays in it', async (t) => {
  const after = settle(queued(['late']), told({ refreshToken: 'revoked', isVerified: true }))
  t.match(after.grant.state, { revocation: 'queued' })
  t.same(unpackTokens(after.accessTokens).length, 1)
})

t.test('a record that is settled, or lives, stays as it is', async (t) => {
  const settled = queued([], { revocation: 'unsupported' })
  t.equal(settle(settled, told()), settled)
  const living = sampleRecord()
  t.equal(settle(living, told()), living)
})

t.test('what is told of a problem has an end', async (t) => {
  const after = settle(queued(), told({ problems: ['x'.repeat(1000)] }))
  t.equal(reportOf(after)?.problem?.length, 300)
})

t.test('a client that is still to be deleted keeps what that takes', async (t) => {
  const record = queued()
  const withClient = {
    ...record,
    grant: { ...record.grant, registration: {} },
    registrationToken: Secret.fromText('rat-1'),
  }
  const first = settle(withClient, told({ refreshToken: 'revoked', isVerified: true }))
  t.match(first.grant.state, { revocation: 'queued' })
  t.same(Object.keys(first).toSorted(), ['clientSecret', 'grant', 'registrationToken'])
  const last = settle(first, told({ client: 'deleted' }))
  t.same(Object.keys(last), ['grant'])
  t.match(last.grant.state, { revocation: 'revoked_at_issuer', report: { client: 'deleted' } })
})
