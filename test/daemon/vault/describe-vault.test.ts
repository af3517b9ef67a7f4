import t from 'tap'
import {
  asGrantdError,
  lockedBecause,
  lockedError,
  lockedFacts,
  lockedOnPurpose,
  NOT_OPEN,
  openFacts,
  openState,
} from '../../../daemon/vault/describe-vault.ts'
import { SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { type Provider, SealingKey } from '../../../daemon/vault/sealing-key.ts'

const BROKEN = [
  { file: 'a.grant', reason: 'damaged' },
  { file: 'b.grant', reason: 'sealed on another machine' },
]

function vault(provider: Provider, broken: typeof BROKEN): SealedRecords {
  return new SealedRecords({
    kind: provider === 'memory' ? 'memory' : 'sealed',
    key: SealingKey.random(provider, 'machine one'),
    storage: { write: async () => undefined, remove: async () => undefined },
    found: [],
    broken,
  })
}

t.test('the state names the keeper and counts the records that cannot be opened', async (t) => {
  const sealed = 'grants are sealed on disk with a key from'
  for (const [provider, broken, detail] of [
    ['keychain', [], `${sealed} the OS keychain`],
    [
      'kernel_keyring',
      BROKEN.slice(1),
      `${sealed} the kernel's keyring; 1 record cannot be opened`,
    ],
    ['passphrase', BROKEN, `${sealed} a passphrase; 2 records cannot be opened`],
    ['memory', [], 'grants are kept in memory and end with the daemon'],
  ] as const)
    t.equal(openState(vault(provider, [...broken]), undefined).detail, detail)
  t.equal(openState(vault('keychain', []), 'so').detail, `${sealed} the OS keychain; so`)
})

t.test('the facts of a vault hold what helps, and no more', async (t) => {
  t.match(openFacts(vault('keychain', BROKEN)), { keyId: /^[0-9a-f]{16}$/, records: 2 })
  const nothing = { records: 0, isAnything: false, isRekeying: false, takesPassphrase: false }
  t.same(lockedFacts(NOT_OPEN, nothing, 'keeper'), {
    state: 'locked',
    records: 0,
    broken: [],
    isRekeying: false,
    lockedBy: 'keeper',
    reason: 'the vault is closed',
    hint: 'grantd unlock',
  })
})

t.test('whoever locked it is told, and what opens it', async (t) => {
  const sealed = { records: 0, isAnything: true, isRekeying: false, takesPassphrase: false }
  t.match(lockedOnPurpose('idle', sealed), { hint: 'grantd unlock', needs: undefined })
  t.match(lockedOnPurpose('person', { ...sealed, takesPassphrase: true }), {
    needs: 'passphrase',
  })
})

t.test('an error keeps its words only when they are ours', async (t) => {
  const strange = new Error('secret words')
  t.match(lockedBecause(strange).reason, /unknown error$/)
  t.match(asGrantdError(strange), { code: 'vault_locked', hint: 'grantd doctor' })
  const ours = lockedError(NOT_OPEN, 3)
  t.equal(asGrantdError(ours), ours)
  t.equal(ours.retryAfterSeconds, 3)
})
