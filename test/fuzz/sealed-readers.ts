import { wipeRecord } from '../../daemon/grant/grant-record.ts'
import { BrokenRecordError } from '../../daemon/vault/broken-record-error.ts'
import {
  decodeParameters,
  encodeParameters,
  NEW_KEYS,
} from '../../daemon/vault/passphrase-parameters.ts'
import { isPinOf, readPin } from '../../daemon/vault/pin.ts'
import { decodeRecord, encodeRecord } from '../../daemon/vault/record.ts'
import { readRekeyFile } from '../../daemon/vault/rekey-file.ts'
import { unseal } from '../../daemon/vault/seal.ts'
import { checksumOf, PROVIDERS, SealingKey } from '../../daemon/vault/sealing-key.ts'
import { sampleRecord } from '../daemon/vault/sample-records.ts'
import { claim, unlessRefused } from './claim.ts'
import type { Reader } from './reader.ts'

const MACHINE = 'machine one'
const ID = 'AAAAAAAAAAAAAAAAAAAAAA'
const SALT = encodeParameters({ ...NEW_KEYS, salt: Buffer.alloc(16, 5) })
const OLD = new SealingKey('keychain', Buffer.alloc(32, 1), MACHINE)
const NEW = new SealingKey('passphrase', Buffer.alloc(32, 2), MACHINE, SALT)
const KEYS = [OLD, NEW]

const CLEAR = encodeRecord(sampleRecord({ id: ID }))
// written down: each sealing has a nonce of its own, and a seed shall give the same bytes again
const SEALED = [
  'R1JWMQEAAAAOh8sZ2SajL/PDG7hTdjdHxRD0XfH6JtaBTcrqz98Hu74y+fMNgefcF2HFblTUwOjZBUQrBdw=',
  [
    'R1JWMQMAABQBEQgBBQUFBQUFBQUFBQUFBQUFBQj6Jjxxys/R88MbuFN2N0dpvUWPz0A6/nFjY6CKuLkVA9aZ',
    '/BEs8pjBZjlV3DMum/aWA+BDsg==',
  ].join(''),
].map(bytesOf)
const PINS = [
  [
    'R1JWMQEAAAAOh8sZ2SajL/PDG7hTdjdHRY9YSxz87JnlD/cxanZNkJx14MUZmecwp/Ft8du57vyZ1O1siq/Y',
    'fkwcqe09qZo=',
  ].join(''),
  [
    'R1JWMQMAABQBEQgBBQUFBQUFBQUFBQUFBQUFBQj6Jjxxys/R88MbuFN2N0d+e+zS6lvOW86e2xIUfRlSFyvy',
    'kCHrztq/drTSbZntWdyCtXJUqqblog4RKepHpg==',
  ].join(''),
].map(bytesOf)
const REKEYS = [
  [
    'AAAAVEdSVjEBAAAADofLGdkmoy/zwxu4U3Y3Rzi6HV1IhRkR00jk1k3Tr5z7+X56MHxPnQr1sREpryz+7WWw',
    'JnfPXSVm6pdTsp2yJA5kvb9rFK2SuBiiHUdSVjEDAAAUAREIAQUFBQUFBQUFBQUFBQUFBQUI+iY8ccrP0fPD',
    'G7hTdjdHtpgGDoGd6U1Fecz3Q5ijXKH3O6IQMvkmfEzUfu1TfnkV354rAxaDvITJdM2Tj6wlw0GNmnu4Rw+H',
    'fqNqlQc1bI0Cj9U=',
  ].join(''),
  [
    'AAAAaEdSVjEDAAAUAREIAQUFBQUFBQUFBQUFBQUFBQUI+iY8ccrP0fPDG7hTdjdHYvDaStvSxnwaFqeYyjJm',
    'fA6BclV+NyyYHqtaNbjkPdFG3I3y+ISe8xi79477VM0uulwYGlMsUxLflT9jR1JWMQEAAAAOh8sZ2SajL/PD',
    'G7hTdjdHIChikQnS1Gr/MImoELH9VB2pQSRbivYbUCEfausIQc7YcM4i/fUzC/WjAy8YuVeS/85WDx99fH3Q',
    '/9fTNJ9qVLF9RPY=',
  ].join(''),
].map(bytesOf)

const WORDS = ['GRV1', '\x00\x00\x00\x00', '\xff\xff\xff\xff', '\x01', '\x00\x14']

/** Readers of the vault's files, which anybody may have written who can write to the disk. */
export const SEALED_READERS: readonly Reader[] = [
  { name: 'sealed', seeds: SEALED, words: WORDS, check: checkSealed },
  { name: 'record', seeds: [CLEAR], words: ['"id":', '{}', ...WORDS], check: checkRecord },
  { name: 'pin', seeds: PINS, words: WORDS, check: (input) => both(input, checkPin) },
  { name: 'rekey', seeds: REKEYS, words: WORDS, check: (input) => both(input, checkRekey) },
  { name: 'passphrase', seeds: [SALT], words: WORDS, check: checkParameters },
]

function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64')
}

/** As it is, and with the checksum that whoever changed it would have made. */
function both(input: Buffer, check: (bytes: Buffer) => void): void {
  check(input)
  const all = input.subarray(0, -8)
  check(Buffer.concat([all, checksumOf(all)]))
}

function checkSealed(input: Buffer): void {
  for (const [index, key] of KEYS.entries()) {
    const clearText = unlessRefused(BrokenRecordError, () => unseal(key, ID, input))
    if (clearText === undefined) continue
    claim(SEALED[index]?.equals(input) === true, 'a changed record that opens')
  }
}

function checkRecord(input: Buffer): void {
  const record = unlessRefused(BrokenRecordError, () => decodeRecord(ID, input))
  if (record === undefined) return
  claim(record.grant.id === ID, 'a record about another grant')
  const again = encodeRecord(record)
  claim(encodeRecord(decodeRecord(ID, again)).equals(again), 'it reads its own words otherwise')
  wipeRecord(record)
}

function checkPin(bytes: Buffer): void {
  const header = readPin(bytes)
  if (header === 'damaged') return
  claim(header.provider in PROVIDERS, 'a keeper that nobody knows')
  for (const key of KEYS)
    claim(!isPinOf(key, bytes) || PINS.some((pin) => pin.equals(bytes)), 'a forged pin that counts')
}

function checkRekey(bytes: Buffer): void {
  const file = readRekeyFile(bytes)
  if (file === 'damaged') return
  for (const key of KEYS) {
    const other = unlessRefused(BrokenRecordError, () => file.other(key, MACHINE))
    if (other === undefined) continue
    const isKnown = KEYS.some((known) => known !== key && known.id.equals(other.id))
    other.wipe()
    claim(isKnown, 'a forged file that leads to another key')
  }
}

function checkParameters(input: Buffer): void {
  const parameters = decodeParameters(input)
  if (parameters === undefined) return
  claim(parameters.logN <= 18 && parameters.r === 8 && parameters.p === 1, 'more than 256 MiB')
  claim(encodeParameters(parameters).equals(input), 'two ways to write the same')
}
