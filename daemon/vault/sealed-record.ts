import type { Grant } from '../grant/grant.ts'
import { type GrantRecord, wipeRecord } from '../grant/grant-record.ts'
import { decodeRecord, encodeRecord } from './record.ts'
import type { RecordKeys } from './record-keys.ts'
import { recordFile } from './record-name.ts'

/** A record as it lies in memory and on disk; only the facts of its grant are in the clear. */
export interface SealedRecord {
  readonly grant: Grant
  readonly sealed: Buffer
}

/** Seals a record; its secrets stay the caller's, to wipe. */
export function sealRecord(keys: RecordKeys, record: GrantRecord): SealedRecord {
  const { id } = record.grant
  // Refuses, in memory too, what could not be the name of a file.
  recordFile(id)
  const clearText = encodeRecord(record)
  try {
    return { grant: structuredClone(record.grant), sealed: keys.seal(id, clearText) }
  } finally {
    clearText.fill(0)
  }
}

/**
 * Decrypts a record; the caller wipes it after use.
 *
 * @param id Of the grant.
 * @throws BrokenRecordError
 */
export function unsealRecord(keys: RecordKeys, id: string, sealed: Buffer): GrantRecord {
  const clearText = keys.unseal(id, sealed)
  try {
    return decodeRecord(id, clearText)
  } finally {
    clearText.fill(0)
  }
}

/** The record that was opened here is wiped; secrets that `change` brought stay its own. */
export function changeRecord(
  keys: RecordKeys,
  { grant, sealed }: SealedRecord,
  change: (record: GrantRecord) => GrantRecord,
): SealedRecord {
  const before = unsealRecord(keys, grant.id, sealed)
  try {
    const after = change(before)
    if (after.grant.id !== grant.id) throw new TypeError('the id of a grant never changes')
    return sealRecord(keys, after)
  } finally {
    wipeRecord(before)
  }
}

/** The same record under the key that records are sealed with now. */
export function resealRecord(keys: RecordKeys, { grant, sealed }: SealedRecord): SealedRecord {
  const clearText = keys.unseal(grant.id, sealed)
  try {
    return { grant, sealed: keys.seal(grant.id, clearText) }
  } finally {
    clearText.fill(0)
  }
}
