import { GrantdError } from '@grantd/client/protocol'
import { unlessBroken } from './broken-record-error.ts'
import { lockedBy } from './choose-key.ts'
import type { DurableProvider, Keeper, Refusal } from './keeper.ts'
import { KEEPER_WORDS } from './keeper-words.ts'
import type { VaultWorld } from './open-vault.ts'
import { recordFile } from './record-name.ts'
import { readRekeyFile } from './rekey-file.ts'
import { readHeader, type SealHeader } from './seal.ts'
import type { SealedRecords } from './sealed-records.ts'
import { SealingKey } from './sealing-key.ts'
import { unwritten } from './unwritten.ts'

/**
 * Seals a vault anew under a new key, while it is used. Before the new key is handed to its
 * keeper a file lies on disk in which each of the two keys opens the other, so that a crash
 * at any moment leaves a vault that either of them opens whole; `openVault` then ends the
 * work, forward where the new key is kept, else back.
 *
 * Where a rekey is unfinished it is finished first. That is all when it leads to a new key of
 * the same keeper; a passphrase is never taken to be the one of an earlier rekey.
 *
 * @param provider Who shall keep the new key.
 * @returns What the person must know, such as that the old key could not be removed.
 * @throws GrantdError `vault_locked` when a disk or the keeper refuses
 */
export async function rekeyVault(
  vault: SealedRecords,
  world: Pick<VaultWorld, 'files' | 'machineIdentity' | 'keeperOf'>,
  provider: DurableProvider,
): Promise<string | undefined> {
  if (vault.isRekeying) {
    const isNew = provider !== 'passphrase' && (await leadsForward(vault, world))
    const notice = await finishRekey(vault, world)
    if (isNew && vault.provider === provider) return notice
  }
  refuseUnread(vault)
  await refuseDamaged(world)
  const keeper = world.keeperOf(provider)
  const made = await keeper.make(Buffer.from(vault.keyId, 'hex'))
  if (made.kind !== 'made') throw refused(made)
  const key = new SealingKey(provider, made.bytes, world.machineIdentity, made.parameters)
  try {
    await handOver(vault, world, keeper, key)
  } catch (error) {
    key.wipe()
    throw error
  }
  vault.beginRekey(key)
  return await finishRekey(vault, world)
}

/** False when the new key was not kept, so that all goes back under the old one. */
async function leadsForward(
  { keyId }: SealedRecords,
  { files }: Pick<VaultWorld, 'files'>,
): Promise<boolean> {
  const bytes = await files.readFile('rekey').catch(unwritten)
  const rekey = bytes && readRekeyFile(bytes)
  // Without the file it was over, but for telling so.
  return rekey === undefined || rekey === 'damaged' || rekey.to.keyId.toString('hex') === keyId
}

/** Until this is done the new key is of no use, and can be given up without a trace. */
async function handOver(
  vault: SealedRecords,
  { files }: Pick<VaultWorld, 'files'>,
  keeper: Keeper,
  key: SealingKey,
): Promise<void> {
  await files.writeFile('rekey', vault.rekeyFile(key)).catch(unwritten)
  const kept = await key.lend((bytes) => keeper.keep(key.id, bytes))
  if (kept.kind === 'kept') return
  await keeper.forget(key.id)
  // What stays is taken back when the vault is opened next, or replaced by the next rekey.
  await files.removeFile('rekey').catch(() => undefined)
  throw refused(kept)
}

/**
 * Ends a rekey in the direction of the key that the vault writes with. Every step can be
 * done again, and the last one is what says that it is over.
 *
 * @returns That the key before could not be removed, where that is so.
 * @throws GrantdError `vault_locked`: then both keys stay
 */
export async function finishRekey(
  vault: SealedRecords,
  { files, keeperOf }: Pick<VaultWorld, 'files' | 'keeperOf'>,
): Promise<string | undefined> {
  await vault.reseal()
  refuseUnread(vault)
  await refuseStrays(vault, files)
  await files.writeFile('pin', vault.pin()).catch(unwritten)
  const { former } = vault
  const isForgotten =
    former === undefined ||
    former.provider === 'memory' ||
    (await keeperOf(former.provider).forget(former.keyId))
  await files.removeFile('rekey').catch(unwritten)
  vault.endRekey()
  // It opens nothing any more but old copies.
  return isForgotten
    ? undefined
    : `the key before could not be removed from ${KEEPER_WORDS[former.provider]}`
}

/** A record nobody could read may be whole, and would be left behind under a key that goes. */
function refuseUnread({ broken }: Pick<SealedRecords, 'broken'>): void {
  const unread = broken.find(({ isUnread }) => isUnread)
  if (unread === undefined) return
  throw new GrantdError('vault_locked', `record "${unread.file}" ${unread.reason}`, {
    hint: 'let us read it, or move it away; then start grantd again and ask again',
  })
}

/** So would one that came while we ran, such as from a backup. */
async function refuseStrays(vault: SealedRecords, files: VaultWorld['files']): Promise<void> {
  const { former } = vault
  if (former === undefined) return
  const { readable, broken } = await files.readRecords().catch(unwritten)
  refuseUnread({ broken })
  const damaged = new Set(vault.broken.map(({ file }) => file))
  const stray = readable.find(
    ({ id, sealed }) => !damaged.has(recordFile(id)) && isUnder(former, recordFile(id), sealed),
  )
  if (stray === undefined) return
  const file = recordFile(stray.id)
  throw new GrantdError('vault_locked', `record "${file}" came from elsewhere while grantd ran`, {
    hint: 'start grantd again: it seals it anew with the others; or move it away, and ask again',
  })
}

function isUnder({ keyId }: SealHeader, file: string, sealed: Buffer): boolean {
  return unlessBroken(() => readHeader(file, sealed).keyId.equals(keyId), false)
}

/** Half of such a file may still open what nothing else opens. */
async function refuseDamaged({ files }: Pick<VaultWorld, 'files'>): Promise<void> {
  const bytes = await files.readFile('rekey').catch(unwritten)
  if (bytes === undefined || readRekeyFile(bytes) !== 'damaged') return
  throw new GrantdError('vault_locked', 'the file "rekey" of an earlier rekey is damaged', {
    hint: 'restore it from a backup, or move it away',
  })
}

function refused(refusal: Refusal): GrantdError {
  const { reason, hint } = lockedBy([refusal])
  return new GrantdError('vault_locked', reason, { hint })
}
