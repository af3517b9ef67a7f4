import { PASSPHRASE_LENGTH, PATTERNS, VAULT_PROVIDERS } from '@grantd/client/protocol'
import { anyInteger, anyString, closed, text } from './parts.ts'

/** A record that cannot be opened. */
export const brokenRecord = closed({ file: anyString, reason: anyString }, ['file', 'reason'])

/** Everything that may be shown of a vault. */
export const vaultStatus = closed(
  {
    state: anyString,
    provider: anyString,
    key_id: anyString,
    records: anyInteger,
    broken: { type: 'array', items: brokenRecord },
    rekey_unfinished: { type: 'boolean' },
    locked_by: anyString,
    needs: anyString,
    reason: anyString,
    hint: anyString,
  },
  ['state', 'records', 'broken', 'rekey_unfinished'],
)

/** One that was chosen by other rules is still the one that opens. */
const passphrase = text(PATTERNS.passphrase, PASSPHRASE_LENGTH.most)

const newKeyMembers = {
  provider: { enum: VAULT_PROVIDERS },
  passphrase: { ...passphrase, minLength: PASSPHRASE_LENGTH.least },
}

/** Body of `POST /v1/vault/unlock`. */
export const vaultUnlockRequest = closed({ passphrase }, [])

/** Body of `POST /v1/vault/rekey`. */
export const vaultRekeyRequest = closed(newKeyMembers, [])

/** Body of `POST /v1/vault/init`. */
export const vaultInitRequest = closed(
  { ...newKeyMembers, discard_sealed: { type: 'boolean' } },
  [],
)
