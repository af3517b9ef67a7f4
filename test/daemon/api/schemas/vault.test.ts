import {
  vaultInitRequest,
  vaultRekeyRequest,
  vaultUnlockRequest,
} from '../../../../daemon/api/schemas/vault.ts'
import { testCases } from './is-valid.ts'

testCases([
  ['an unlock by the keeper', vaultUnlockRequest, {}, true],
  ['a short old passphrase', vaultUnlockRequest, { passphrase: 'ü' }, true],
  ['an empty passphrase', vaultUnlockRequest, { passphrase: '' }, false],
  ['a passphrase of two lines', vaultUnlockRequest, { passphrase: 'one\ntwo' }, false],
  ['a short new passphrase', vaultRekeyRequest, { passphrase: '1234567' }, false],
  ['a new passphrase', vaultRekeyRequest, { passphrase: '12 45 üö' }, true],
  ['an endless passphrase', vaultRekeyRequest, { passphrase: 'x'.repeat(1_025) }, false],
  ['a keeper nobody knows', vaultRekeyRequest, { provider: 'paper' }, false],
  ['a rekey that deletes', vaultRekeyRequest, { discard_sealed: true }, false],
  [
    'the whole init',
    vaultInitRequest,
    { provider: 'passphrase', passphrase: '12345678', discard_sealed: true },
    true,
  ],
  ['an init that deletes in words', vaultInitRequest, { discard_sealed: 'true' }, false],
])
