import { leadsOn, lockedBy, MEMORY_ONLY } from './choose-key.ts'
import { errorCode } from './error-code.ts'
import type { DurableProvider, Refusal } from './keeper.ts'
import { createMemoryVault } from './memory-vault.ts'
import type { VaultOpening, VaultWorld } from './open-vault.ts'
import { encodePin } from './pin.ts'
import { createSealedVault } from './sealed-vault.ts'
import { type Provider, SealingKey } from './sealing-key.ts'

/** Of which two cannot be reached: the keychain, and the kernel's keyring. */
type Unreached = readonly Refusal[]

/**
 * Makes the first key of a vault in which nothing is sealed, and gives it to the first
 * keeper who can be reached. It is pinned before there is any record.
 */
export async function makeVault(
  world: Pick<VaultWorld, 'files' | 'machineIdentity' | 'keeperOf'>,
  keepers: readonly Provider[],
): Promise<VaultOpening> {
  const unreached: Refusal[] = []
  for (const provider of keepers) {
    if (provider === 'memory') return inMemory(world.machineIdentity, unreached)
    const key = await makeKey(world, provider)
    if (key instanceof SealingKey) return await pinned(world, key)
    if (!leadsOn(key) || provider === keepers.at(-1)) return lockedBy([key])
    unreached.push(key)
  }
  throw new TypeError('no keeper was named')
}

function inMemory(machineIdentity: string, unreached: Unreached): VaultOpening {
  const why = unreached.map(({ reason }) => reason).join(', and ')
  const notice = why === '' ? MEMORY_ONLY : `${why}: ${MEMORY_ONLY}`
  return { kind: 'open', vault: createMemoryVault(machineIdentity), notice }
}

/** A key counts only once its keeper gave the same bytes back. */
async function makeKey(
  { keeperOf, machineIdentity }: Pick<VaultWorld, 'machineIdentity' | 'keeperOf'>,
  provider: DurableProvider,
): Promise<SealingKey | Refusal> {
  const keeper = keeperOf(provider)
  const made = await keeper.make(undefined)
  if (made.kind !== 'made') return made
  const key = new SealingKey(provider, made.bytes, machineIdentity, made.parameters)
  const kept = await key.lend((bytes) => keeper.keep(key.id, bytes))
  if (kept.kind === 'kept') return key
  key.wipe()
  return kept
}

async function pinned(
  { files, keeperOf }: Pick<VaultWorld, 'files' | 'keeperOf'>,
  key: SealingKey,
): Promise<VaultOpening> {
  try {
    await files.writeFile('pin', encodePin(key))
  } catch (error) {
    // A key that nothing names would never be found again.
    if (key.provider !== 'memory') await keeperOf(key.provider).forget(key.id)
    key.wipe()
    return {
      kind: 'locked',
      reason: `the vault cannot be written: ${errorCode(error)}`,
      hint: 'make room on the disk of the state directory, and let us write to it',
    }
  }
  const vault = createSealedVault(files, key, { readable: [], broken: [] })
  return { kind: 'open', vault }
}
