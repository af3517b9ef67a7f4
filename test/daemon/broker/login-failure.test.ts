import t from 'tap'
import { issuerFailureError, loginFailureError } from '../../../daemon/broker/login-failure.ts'

t.test('every failure of an issuer has one code', async (t) => {
  const cases = [
    [
      { kind: 'not_sent', reason: 'off' },
      { code: 'issuer_unreachable', retryAfterSeconds: 5 },
    ],
    [
      { kind: 'untrusted', reason: 'certificate expired' },
      { code: 'issuer_unreachable', retryAfterSeconds: 60 },
    ],
    [{ kind: 'refused_bare', reason: 'status 400' }, { code: 'issuer_rejected' }],
    [
      { kind: 'in_doubt', reason: 'lost' },
      { code: 'issuer_unreachable', retryAfterSeconds: 5 },
    ],
    [
      { kind: 'in_doubt', reason: 'lost', retryAfterSeconds: 9 },
      { code: 'issuer_unreachable', retryAfterSeconds: 9 },
    ],
    [
      { kind: 'unusable', reason: 'status 502' },
      { code: 'issuer_unreachable', retryAfterSeconds: 5 },
    ],
    [
      { kind: 'retry_later', retryAfterSeconds: 11 },
      { code: 'issuer_unreachable', retryAfterSeconds: 11 },
    ],
    [{ kind: 'request_wrong', code: 'invalid_scope' }, { code: 'invalid_scope' }],
    [{ kind: 'request_wrong', code: 'invalid_target' }, { code: 'invalid_target' }],
    [{ kind: 'request_wrong', code: 'other' }, { code: 'issuer_rejected' }],
    [{ kind: 'grant_dead', code: 'invalid_grant' }, { code: 'issuer_rejected' }],
    [{ kind: 'client_broken', code: 'invalid_client' }, { code: 'issuer_rejected' }],
    [{ kind: 'step_up', code: 'login_required' }, { code: 'issuer_rejected' }],
  ] as const
  for (const [failure, error] of cases) {
    t.match(issuerFailureError(failure), error, failure.kind)
    t.match(loginFailureError(failure), error, failure.kind)
  }
})

t.test('a login that brought nothing says why, unless the person cancelled it', async (t) => {
  t.equal(loginFailureError({ kind: 'cancelled' }), undefined)
  t.match(loginFailureError({ kind: 'denied' }), { code: 'access_denied' })
  t.match(loginFailureError({ kind: 'expired' }), { code: 'login_required' })
  t.match(loginFailureError({ kind: 'no_refresh_token' }), {
    code: 'issuer_rejected',
    hint: /offline_access/,
  })
})
