import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { PendingLoginError } from '../../../daemon/broker/pending-login-error.ts'

const started = {
  expiresInSeconds: 600,
  finished: async () => ({ kind: 'cancelled' as const }),
}

t.test('it says where the pending login can be finished', async (t) => {
  const error = new PendingLoginError('work', {
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
  t.same(error.login, { verification_uri: 'https://v', user_code: 'ABCD' })
  const codeless = new PendingLoginError('work', { ...started, verificationUri: 'https://v' })
  t.same(codeless.login, { verification_uri: 'https://v' })
})

t.test('where there is nothing to open it says nothing', async (t) => {
  t.equal(new PendingLoginError('work', undefined).login, undefined)
  const browser = { ...started, authorizationUri: 'https://a' }
  t.equal(new PendingLoginError('work', browser).login, undefined)
})
