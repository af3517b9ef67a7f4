import t from 'tap'
import { KEEPER_WORDS, keeperNamed } from '../../../daemon/vault/keeper-words.ts'
import { PROVIDERS } from '../../../daemon/vault/sealing-key.ts'

t.test('every keeper can be named in a sentence', async (t) => {
  for (const provider of Object.keys(PROVIDERS)) t.hasOwnProp(KEEPER_WORDS, provider)
})

t.test('the hyphens of the configuration are the underscores of records', async (t) => {
  t.equal(keeperNamed('kernel-keyring'), 'kernel_keyring')
  t.equal(keeperNamed('credential-file'), 'credential_file')
  t.equal(keeperNamed('auto'), 'auto')
})
