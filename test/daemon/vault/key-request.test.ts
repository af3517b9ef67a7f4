import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { requireFittingPassphrase } from '../../../daemon/vault/key-request.ts'

t.test('a passphrase goes with its keeper, and with no other', async (t) => {
  requireFittingPassphrase('passphrase', Secret.fromText('x'))
  requireFittingPassphrase('auto', undefined)
  const cases = [
    ['passphrase', undefined, /needs the passphrase/],
    ['passphrase', '', /empty passphrase locks nothing/],
    ['keychain', 'x', /only a key from a passphrase/],
    ['auto', '', /only a key from a passphrase/],
  ] as const
  for (const [keeper, text, message] of cases)
    t.throws(
      () => requireFittingPassphrase(keeper, text === undefined ? text : Secret.fromText(text)),
      { code: 'invalid_request', message },
    )
})
