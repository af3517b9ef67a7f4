import t from 'tap'
import {
  failureOfWord,
  inDoubt,
  issuerFailure,
  unusable,
} from '../../../daemon/issuer/issuer-failure.ts'
import { newTrace, type Trace } from '../../../daemon/issuer/trace.ts'

/** A complete JSON answer of that status. */
function answered(status: number, more: Partial<Trace> = {}): Trace {
  return { ...newTrace(), mayHaveLeft: true, status, isComplete: true, isJson: true, ...more }
}

t.test('every kind of failure has its class', async (t) => {
  const table: readonly (readonly [Trace, unknown])[] = [
    [newTrace(), { kind: 'not_sent', reason: 'request was not accepted' }],
    [
      { ...newTrace(), reason: 'host not found' },
      { kind: 'not_sent', reason: 'host not found' },
    ],
    [
      { ...newTrace(), reason: 'certificate not trusted' },
      { kind: 'untrusted', reason: 'certificate not trusted' },
    ],
    [
      { ...newTrace(), mayHaveLeft: true, reason: 'timed out' },
      { kind: 'in_doubt', reason: 'timed out' },
    ],
    [
      { ...newTrace(), mayHaveLeft: true },
      { kind: 'in_doubt', reason: 'connection lost' },
    ],
    [
      answered(200, { isComplete: false, reason: 'answer broke off' }),
      { kind: 'in_doubt', reason: 'answer broke off' },
    ],
    [answered(429), { kind: 'retry_later', retryAfterSeconds: 30 }],
    [
      answered(503, { retryAfterSeconds: 5, error: 'invalid_grant' }),
      { kind: 'retry_later', retryAfterSeconds: 5 },
    ],
    [
      answered(502, { retryAfterSeconds: 5 }),
      { kind: 'unusable', reason: 'status 502', retryAfterSeconds: 5 },
    ],
    [answered(500, { error: 'invalid_grant' }), { kind: 'unusable', reason: 'status 500' }],
    [answered(503), { kind: 'unusable', reason: 'status 503' }],
    [answered(504), { kind: 'unusable', reason: 'status 504' }],
    [answered(999), { kind: 'unusable', reason: 'status 999' }],
    [answered(307), { kind: 'unusable', reason: 'redirect refused' }],
    [answered(400, { error: 'invalid_grant' }), { kind: 'grant_dead', code: 'invalid_grant' }],
    [answered(403, { error: 'invalid_grant' }), { kind: 'grant_dead', code: 'invalid_grant' }],
    [
      answered(401, { error: 'invalid_grant', asksForClient: true }),
      { kind: 'grant_dead', code: 'invalid_grant' },
    ],
    [answered(401, { asksForClient: true }), { kind: 'client_broken', code: 'invalid_client' }],
    [answered(400, { isJson: false }), { kind: 'unusable', reason: 'answer is not JSON' }],
    [answered(403, { isJson: false }), { kind: 'unusable', reason: 'answer is not JSON' }],
    [answered(200, { isJson: false }), { kind: 'unusable', reason: 'answer is not JSON' }],
    [answered(200), { kind: 'unusable', reason: 'answer is unusable' }],
    [answered(400), { kind: 'refused_bare', reason: 'status 400, no reason' }],
    [
      answered(401, { isJson: false, isEmpty: true }),
      { kind: 'refused_bare', reason: 'status 401, no reason' },
    ],
    [answered(403, { isEmpty: true }), { kind: 'unusable', reason: 'answer is unusable' }],
    [answered(200, { givesTokens: true }), { kind: 'in_doubt', reason: 'answer is unusable' }],
    [
      answered(200, { givesTokens: true, error: 'invalid_grant' }),
      { kind: 'grant_dead', code: 'invalid_grant' },
    ],
    [
      answered(200, { hasSuccessor: true, error: 'invalid_grant', reason: 'why' }),
      { kind: 'in_doubt', reason: 'why' },
    ],
  ]
  for (const [trace, failure] of table) t.strictSame(issuerFailure(trace), failure)
})

t.test('error codes of the standards say what is stuck', async (t) => {
  t.strictSame(failureOfWord('unauthorized_client'), {
    kind: 'client_broken',
    code: 'unauthorized_client',
  })
  t.strictSame(failureOfWord('invalid_target'), { kind: 'request_wrong', code: 'invalid_target' })
  t.strictSame(failureOfWord('other'), { kind: 'request_wrong', code: 'other' })
  t.strictSame(failureOfWord('consent_required'), { kind: 'step_up', code: 'consent_required' })
  t.strictSame(failureOfWord('server_error', answered(400, { retryAfterSeconds: 9 })), {
    kind: 'unusable',
    reason: 'server_error',
    retryAfterSeconds: 9,
  })
  t.strictSame(failureOfWord('temporarily_unavailable'), {
    kind: 'unusable',
    reason: 'temporarily_unavailable',
  })
  t.strictSame(unusable('why'), { kind: 'unusable', reason: 'why' })
  t.strictSame(inDoubt('why'), { kind: 'in_doubt', reason: 'why' })
})
