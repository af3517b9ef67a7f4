import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { pendingLoginError } from '../../../daemon/broker/pending-login-error.ts'

const started = {
  expiresInSeconds: 600,
  finished: async () => ({ kind: 'cancelled' as const }),
}

t.test('it says where the pending login can be finished', async (t) => {
  const error = pendingLoginError('work', {
    ...started,
    verificationUri: 'https://v',
    userCode: 'ABCD',
  })
  t.ok(error instanceof GrantdError)
  t.match(error, {
    code: 'invalid_request',
    message: 'another login for "work" is pending',
    hint: 'finish or cancel it first',
  })
  t.same(error.login, { verificationUri: 'https://v', userCode: 'ABCD' })
  const codeless = pendingLoginError('work', { ...started, verificationUri: 'https://v' })
  t.match(codeless.login, { verificationUri: 'https://v', userCode: undefined })
})

t.test('where there is nothing to open it says nothing', async (t) => {
  t.equal(pendingLoginError('work', undefined).login, undefined)
  const browser = { ...started, authorizationUri: 'https://a' }
  t.equal(pendingLoginError('work', browser).login, undefined)
})
