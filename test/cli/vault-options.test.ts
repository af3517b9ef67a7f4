import t from 'tap'
import { parseOptions } from '../../cli/options.ts'
import { OPTIONS, vaultAsk } from '../../cli/vault-options.ts'

const ask = (line: string) => vaultAsk(parseOptions(line.split(' '), OPTIONS))

t.test('each verb takes what belongs to it', async (t) => {
  const none = { provider: undefined, fromStdin: false, discardSealed: false, isAgreed: false }
  t.same(ask('status'), { verb: 'status', ...none })
  for (const word of ['kernel-keyring', 'kernel_keyring'])
    t.same(
      ask(`rekey --provider ${word}`),
      { ...none, verb: 'rekey', provider: 'kernel_keyring' },
      'written as in the configuration, or as on the wire',
    )
  t.same(ask('init --passphrase-stdin --discard-sealed --yes'), {
    verb: 'init',
    provider: undefined,
    fromStdin: true,
    discardSealed: true,
    isAgreed: true,
  })
})

t.test('anything else is refused', async (t) => {
  const wrong: readonly [line: string, message: RegExp][] = [
    ['open', /one of status, init, rekey/],
    ['--json', /one of status, init, rekey/],
    ['status now', /unexpected argument "now"/],
    ['status --provider keychain', /--provider does not go with "status"/],
    ['status --passphrase-stdin', /--passphrase-stdin does not go/],
    ['rekey --discard-sealed', /--discard-sealed does not go with "rekey"/],
    ['rekey --yes', /--yes does not go/],
    ['rekey --provider paper', /--provider takes one of keychain, kernel-keyring/],
  ]
  for (const [line, message] of wrong)
    t.throws(() => ask(line), { name: 'UsageError', message }, line)
})
