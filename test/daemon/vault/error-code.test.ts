import t from 'tap'
import { errorCode } from '../../../daemon/vault/error-code.ts'

t.test('only the code of an error is shown', async (t) => {
  t.equal(errorCode(Object.assign(new Error('secret'), { code: 'ENOSPC' })), 'ENOSPC')
  t.equal(errorCode(new Error('secret')), 'unknown error')
})
