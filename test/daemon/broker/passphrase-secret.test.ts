import t from 'tap'
import { passphraseSecret } from '../../../daemon/broker/passphrase-secret.ts'

t.test('one letter written in two ways comes to the same bytes', async (t) => {
  const composed = passphraseSecret('gr\u00fcn')
  t.same(passphraseSecret('gru\u0308n').revealBytes(), composed.revealBytes())
  t.equal(JSON.stringify(composed), '"[secret]"')
  t.equal(passphraseSecret(undefined), undefined)
})
