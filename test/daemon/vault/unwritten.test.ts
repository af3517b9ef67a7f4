import t from 'tap'
import { unwritten } from '../../../daemon/vault/unwritten.ts'

t.test('of a disk that refuses only the code is told', async (t) => {
  const error = Object.assign(new Error('secret words'), { code: 'ENOSPC' })
  t.throws(() => unwritten(error), {
    code: 'vault_locked',
    message: 'the vault cannot be written: ENOSPC',
    hint: /make room/,
  })
})
