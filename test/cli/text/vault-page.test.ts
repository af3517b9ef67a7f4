import type { VaultStatus } from '@grantd/client/protocol'
import t from 'tap'
import { initText, rekeyText, unlockedText, vaultPage } from '../../../cli/text/vault-page.ts'
import { LOCKED_VAULT, VAULT } from '../../fakes/cli-answers.ts'

t.test('a vault that is well', async (t) => {
  t.equal(
    vaultPage(VAULT),
    `vault        open
key kept by  a passphrase
key          0123456789abcdef
records      3
`,
  )
})

t.test('a vault in trouble', async (t) => {
  const broken = [
    { file: 'a.grant', reason: 'it was changed or damaged' },
    { file: 'b.grant', reason: 'it belongs to \u001b[2Janother machine' },
  ]
  t.equal(
    vaultPage({ ...LOCKED_VAULT, broken, rekey_unfinished: true }),
    `vault         locked: you locked the vault
key kept by   a passphrase
key           0123456789abcdef
records       3
not readable  a.grant: it was changed or damaged
              b.grant: it belongs to \u{FFFD}[2Janother machine
rekey         unfinished: records lie under two keys; run: grantd vault rekey
help          grantd unlock
`,
  )
})

t.test('a vault of which little is known', async (t) => {
  const bare = { state: 'locked', records: 0, broken: [], rekey_unfinished: false } as const
  t.equal(vaultPage(bare), 'vault    locked\nrecords  0\n')
  const later = { ...VAULT, provider: 'tpm' }
  t.match(vaultPage(later as unknown as VaultStatus), /kept by +tpm/)
})

t.test('what was done is said in a line', async (t) => {
  const { provider: _provider, ...nobody } = VAULT
  t.equal(initText(nobody), 'the vault has a new key\n')
  t.equal(rekeyText({ ...nobody, records: 1 }), 'a new key seals 1 grant\n')
  t.equal(unlockedText({ ...VAULT, records: 0 }), 'unlocked, 0 grants\n')
})
