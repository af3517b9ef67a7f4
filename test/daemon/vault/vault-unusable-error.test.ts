import t from 'tap'
import { VaultUnusableError } from '../../../daemon/vault/vault-unusable-error.ts'

t.test('a vault that cannot be used says why, and what to do', async (t) => {
  const error = new VaultUnusableError('"/x" holds no machine id', 'restore "/x"')
  t.match(error, {
    name: 'VaultUnusableError',
    message: '"/x" holds no machine id',
    hint: 'restore "/x"',
  })
  t.ok(error instanceof Error)
})
