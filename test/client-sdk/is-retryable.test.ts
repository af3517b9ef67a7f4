import { GrantdError, GrantdUnreachableError, isRetryable } from '@grantd/client'
import t from 'tap'

const cases: readonly (readonly [string, unknown, boolean])[] = [
  ['a busy daemon', new GrantdError('overloaded', ''), true],
  ['a dead grant', new GrantdError('login_required', ''), false],
  ['a lost connection', new GrantdUnreachableError('lost', ''), true],
  ['no daemon', new GrantdUnreachableError('not_running', ''), false],
  ['another error', new Error('overloaded'), false],
  ['no error', undefined, false],
]

t.test('what can be retried tells when, if the daemon did', async (t) => {
  const delays = [
    new GrantdError('overloaded', '', { retryAfterSeconds: 3 }),
    new GrantdUnreachableError('lost', ''),
  ].map((error: unknown) => (isRetryable(error) ? error.retryAfterSeconds : 'no'))
  t.same(delays, [3, undefined])
})

for (const [name, error, expected] of cases)
  t.test(`${name}: ${expected}`, async (t) => t.equal(isRetryable(error), expected))
