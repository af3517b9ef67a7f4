import { GrantdError } from '@grantd/client/protocol'
import { BrokenRecordError } from './broken-record-error.ts'
import { type KeyWish, type Locked, lockedBy, type PinnedKey, planKey } from './choose-key.ts'
import { errorCode } from './error-code.ts'
import type { DurableProvider, Keeper, Refusal } from './keeper.ts'
import { makeVault } from './make-vault.ts'
import { encodePin, isPinOf } from './pin.ts'
import { finishRekey } from './rekey-vault.ts'
import type { SealedRecords } from './sealed-records.ts'
import { isAnythingSealed, readSealedFiles, type SealedFiles } from './sealed-state.ts'
import { createSealedVault } from './sealed-vault.ts'
import { machineTagOf, SealingKey } from './sealing-key.ts'
import type { VaultFiles } from './vault-files.ts'

/** What a vault is opened with. */
export interface VaultWorld {
  readonly files: VaultFiles
  /** From `machineIdentity`. */
  readonly machineIdentity: string
  readonly wish: KeyWish
  readonly keeperOf: (provider: DurableProvider) => Keeper
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

/**
 * Finds the sealing key, or makes the first one, and opens what lies sealed under it. Never
 * rejects for what a disk or a keeper can do.
 */
export async function openVault(world: VaultWorld): Promise<VaultOpening> {
  if (world.wish === 'memory' && !(await isSealed(world.files)))
    return await makeVault(world, ['memory'])
  const sealed = await readPrepared(world.files)
  if ('kind' in sealed) return sealed
  const plan = planKey(world.wish, sealed, machineTagOf(world.machineIdentity))
  switch (plan.kind) {
    case 'locked':
      return plan
    case 'make':
      return await makeVault(world, plan.keepers)
    case 'find': {
      const key = await findKey(world, plan.keys)
      if (!(key instanceof SealingKey)) return lockedBy(key)
      const opening = await openWith(world, sealed, key)
      if (opening.kind === 'locked' || plan.notice === undefined) return opening
      return { ...opening, notice: opening.notice ?? plan.notice }
    }
    default:
      return plan satisfies never
  }
}

/** Reads what lies in the state directory, once it is ours to use. */
export async function readPrepared(files: VaultFiles): Promise<SealedFiles | Locked> {
  try {
    const problem = await files.prepare()
    return problem === undefined ? await readSealedFiles(files) : unusable(problem)
  } catch (error) {
    return unusable(errorCode(error))
  }
}

/** A directory that cannot be read keeps nobody from memory. */
async function isSealed(files: VaultFiles): Promise<boolean> {
  return await readSealedFiles(files).then(isAnythingSealed, () => false)
}

async function findKey(
  { keeperOf, machineIdentity }: VaultWorld,
  keys: readonly PinnedKey[],
): Promise<SealingKey | readonly Refusal[]> {
  const refusals: Refusal[] = []
  for (const name of keys) {
    const found = await keeperOf(name.provider).find(name)
    if (found.kind === 'found')
      return new SealingKey(name.provider, found.bytes, machineIdentity, name.parameters)
    refusals.push(found)
  }
  return refusals
}

/** @param key Taken over. */
async function openWith(
  world: VaultWorld,
  sealed: SealedFiles,
  key: SealingKey,
): Promise<VaultOpening> {
  const { rekey, records, pin, pinBytes } = sealed
  if (rekey !== undefined && rekey !== 'damaged') {
    try {
      const former = rekey.other(key, world.machineIdentity)
      return await goOn(world, createSealedVault(world.files, key, records, former))
    } catch (error) {
      key.wipe()
      if (error instanceof BrokenRecordError) return changed('the file of an unfinished rekey')
      throw error
    }
  }
  if (pinBytes === undefined || pin === 'damaged') {
    // Not before the records are known to be of this key; without a pin they pin it too,
    // so that a full disk does not stand in the way.
    await world.files.writeFile('pin', encodePin(key)).catch(() => undefined)
  } else if (!isPinOf(key, pinBytes)) {
    key.wipe()
    return changed('the pin of the sealing key')
  }
  return { kind: 'open', vault: createSealedVault(world.files, key, records) }
}

/** A disk that refuses to end a rekey does not keep the vault shut: both keys are at hand. */
async function goOn(world: VaultWorld, vault: SealedRecords): Promise<VaultOpening> {
  try {
    const notice = await finishRekey(vault, world)
    return { kind: 'open', vault, ...(notice !== undefined && { notice }) }
  } catch (error) {
    if (!(error instanceof GrantdError)) throw error
    return { kind: 'open', vault, notice: `a rekey is unfinished: ${error.message}` }
  }
}

function changed(what: string): Locked {
  return {
    kind: 'locked',
    reason: `${what} was changed by somebody`,
    hint: 'restore the state directory from a backup; without one: grantd vault init --discard-sealed',
    needs: 'key',
  }
}

function unusable(problem: string): Locked {
  return {
    kind: 'locked',
    reason: `the state directory cannot be used: ${problem}`,
    hint: 'it has to be a directory of your own that nobody else can write to',
  }
}
