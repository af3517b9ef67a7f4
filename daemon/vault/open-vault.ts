import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Keychain } from '../platform/keychain.ts'
import { brokenRecord } from './broken-record-error.ts'
import { chooseKey, describeRefusal, type Locked, MEMORY_ONLY } from './choose-key.ts'
import { errorCode } from './error-code.ts'
import { createMemoryVault } from './memory-vault.ts'
import { recordFile } from './record-name.ts'
import { readHeader, type SealHeader } from './seal.ts'
import type { SealedRecords } from './sealed-records.ts'
import { createSealedVault } from './sealed-vault.ts'
import { SEALING_KEY_BYTES, SealingKey } from './sealing-key.ts'
import {
  listRecords,
  prepareStateDirectory,
  type RecordFile,
  type RecordFiles,
  readRecordFiles,
} from './state-directory.ts'

/** How a vault is opened. */
export interface OpenVaultOptions {
  /** Absolute; one daemon at a time has it. */
  readonly stateDirectory: string
  /** From `machineIdentity`. */
  readonly machineIdentity: string
  readonly keychain: Keychain
  /** `auto`: the keychain, or memory where there is none and nothing was ever sealed. */
  readonly choice: 'auto' | 'keychain' | 'memory'
  /** Milliseconds for each question to the keychain. */
  readonly deadlineMs: number
}

/** A vault, or why there is none yet. No record on disk has changed when it is locked: ask again. */
export type VaultOpening =
  | {
      readonly kind: 'open'
      readonly vault: SealedRecords
      /** One sentence that the person must know, such as that nothing is kept on disk. */
      readonly notice?: string
    }
  | Locked

const ITEM = { service: 'grantd', account: 'sealing-key' } as const

/**
 * Finds the sealing key, or makes the first one, and opens what lies sealed under
 * it. Never rejects for what a disk or a keychain can do.
 */
export async function openVault(options: OpenVaultOptions): Promise<VaultOpening> {
  const { stateDirectory, choice } = options
  if (choice === 'memory') return await openInMemory(options)
  let files: RecordFiles
  try {
    const problem = await prepareStateDirectory(stateDirectory)
    if (problem !== undefined) return unusable(problem)
    files = await readRecordFiles(stateDirectory)
  } catch (error) {
    return unusable(`"${stateDirectory}": ${errorCode(error)}`)
  }
  return await openOnDisk(options, choice, files)
}

async function openInMemory(options: OpenVaultOptions): Promise<VaultOpening> {
  const { stateDirectory, machineIdentity } = options
  const left = await listRecords(stateDirectory).catch(() => [])
  const notice =
    left.length === 0 ? MEMORY_ONLY : `${MEMORY_ONLY}; ${count(left.length)} left alone on disk`
  return { kind: 'open', vault: createMemoryVault(machineIdentity), notice }
}

async function openOnDisk(
  options: OpenVaultOptions,
  choice: 'auto' | 'keychain',
  files: RecordFiles,
): Promise<VaultOpening> {
  const { keychain, deadlineMs, machineIdentity } = options
  const sealed = {
    count: files.readable.length + files.broken.length,
    headers: files.readable.flatMap(headerOf),
  }
  const reply = await keychain({ op: 'get', ...ITEM }, deadlineMs)
  const decision = chooseKey(choice, sealed, reply)
  if (decision.kind === 'locked') {
    // The wrong key here may be the right one elsewhere.
    if (reply.kind === 'value') reply.value.fill(0)
    return decision
  }
  if (decision.kind === 'memory')
    return { kind: 'open', vault: createMemoryVault(machineIdentity), notice: decision.notice }
  const key = decision.kind === 'use' ? decision : await makeKey(keychain, deadlineMs)
  return key.kind === 'locked' ? key : openWith(key.value, options, files)
}

/** @param bytes The sealing key, wiped here. */
function openWith(bytes: Buffer, options: OpenVaultOptions, files: RecordFiles): VaultOpening {
  const key = new SealingKey('keychain', bytes, options.machineIdentity)
  return { kind: 'open', vault: createSealedVault(options.stateDirectory, key, files) }
}

/**
 * Makes the first sealing key. It counts only once another process has read the
 * same bytes back: a keychain that says it kept something may have kept nothing.
 */
async function makeKey(
  keychain: Keychain,
  deadlineMs: number,
): Promise<{ readonly kind: 'made'; readonly value: Buffer } | Locked> {
  const secret = randomBytes(SEALING_KEY_BYTES)
  const set = await keychain({ op: 'set', ...ITEM, secret }, deadlineMs)
  // Asked even when the set failed: an answer that was lost may have been a yes.
  const kept = await keychain({ op: 'get', ...ITEM }, deadlineMs)
  const isKept =
    kept.kind === 'value' &&
    kept.value.length === secret.length &&
    timingSafeEqual(kept.value, secret)
  secret.fill(0)
  if (isKept) return { kind: 'made', value: kept.value }
  return {
    kind: 'locked',
    reason: `the keychain did not keep a new key: ${describeRefusal(set.kind === 'done' ? kept : set)}`,
    hint: 'unlock or create the keychain of your desktop, or choose to keep grants in memory',
  }
}

/** None for a file whose header is broken too: such a file counts, but pins nothing. */
function headerOf({ id, sealed }: RecordFile): readonly SealHeader[] {
  try {
    return [readHeader(recordFile(id), sealed)]
  } catch (error) {
    brokenRecord(error)
    return []
  }
}

function unusable(problem: string): Locked {
  return {
    kind: 'locked',
    reason: `the state directory cannot be used: ${problem}`,
    hint: 'it has to be a directory of your own that nobody else can write to',
  }
}

function count(grants: number): string {
  return grants === 1 ? '1 sealed grant was' : `${grants} sealed grants were`
}
