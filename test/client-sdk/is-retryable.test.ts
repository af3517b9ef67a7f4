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

for (const [name, error, expected] of cases)
  t.test(`${name}: ${expected}`, async (t) => t.equal(isRetryable(error), expected))
