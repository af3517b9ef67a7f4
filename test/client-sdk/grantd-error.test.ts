import { GrantdError } from '@grantd/client'
import t from 'tap'

t.test('it knows status, exit status and whether to try again from its code', async (t) => {
  const busy = new GrantdError('rate_limited', 'too often', { retryAfterSeconds: 3, hint: 'wait' })
  t.match(busy, { name: 'GrantdError', code: 'rate_limited', retryAfterSeconds: 3, hint: 'wait' })
  t.same([busy.status, busy.exitStatus, busy.isRetryable], [429, 75, true])
  t.equal(busy.login, undefined)
  const login = { verificationUri: 'https://as.example', userCode: 'AB' }
  t.same(new GrantdError('invalid_request', 'pending', { login }).login, login)
  const dead = new GrantdError('login_required', 'revoked')
  t.same([dead.status, dead.exitStatus, dead.isRetryable], [401, 3, false])
})
