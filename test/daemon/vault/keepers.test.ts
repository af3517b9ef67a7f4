import t from 'tap'
import { kernelKeyring } from '../../../daemon/platform/kernel-keyring.ts'
import type { DurableProvider } from '../../../daemon/vault/keeper.ts'
import { keeperOf } from '../../../daemon/vault/keepers.ts'

t.test('every name has its keeper', async (t) => {
  const providers = ['keychain', 'kernel_keyring', 'passphrase', 'credential_file'] as const
  for (const provider of providers satisfies readonly DurableProvider[]) {
    const keeper = keeperOf(provider, {
      keychain: async () => ({ kind: 'none' }),
      keychainDeadlineMs: 1,
      kernelKeyring: kernelKeyring('none', 'none'),
      credentialsDirectory: undefined,
      uid: 0,
      passphrase: undefined,
    })
    t.equal(keeper.provider, provider)
  }
})
