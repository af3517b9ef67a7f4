import { GrantdError } from '@grantd/client/protocol'
import { type KeyWish, leadsOn, namedKeys } from './choose-key.ts'
import { makeVault } from './make-vault.ts'
import { readPrepared, type VaultOpening, type VaultWorld } from './open-vault.ts'
import { recordId } from './record-name.ts'
import { isAnythingSealed, type SealedFiles } from './sealed-state.ts'
import type { Provider } from './sealing-key.ts'
import { unwritten } from './unwritten.ts'

/**
 * Makes the first key of a vault, or the first one after everything sealed was given up.
 *
 * @param how.discardSealed The only way to another key where something is sealed: it is
 *   removed, durably, before there is another key.
 * @throws GrantdError `invalid_request` when something is sealed that must not be discarded;
 *   `vault_locked` when it cannot be removed, or no other key can be made
 */
export async function initVault(
  world: VaultWorld,
  how: { readonly provider: Provider | undefined; readonly discardSealed: boolean },
): Promise<VaultOpening> {
  const sealed = await readPrepared(world.files)
  if ('kind' in sealed) return sealed
  const keepers = keepersFor(how.provider ?? world.wish)
  if (isAnythingSealed(sealed)) {
    if (!how.discardSealed) throw somethingSealed(sealed.count)
    await requireSuccessor(world, keepers)
    await discard(world, sealed)
  }
  return await makeVault(world, keepers)
}

/** Nothing is given up for a key that cannot even be made. */
async function requireSuccessor(
  { keeperOf }: VaultWorld,
  keepers: readonly Provider[],
): Promise<void> {
  for (const provider of keepers) {
    if (provider === 'memory') return
    const made = await keeperOf(provider).make(undefined)
    if (made.kind === 'made') {
      made.bytes.fill(0)
      return
    }
    if (leadsOn(made) && provider !== keepers.at(-1)) continue
    const { reason, hint } = made
    throw new GrantdError('vault_locked', `nothing was discarded: ${reason}`, { hint })
  }
}

/** Says how much would be lost. */
export function somethingSealed(records: number): GrantdError {
  const grants = records === 1 ? '1 grant' : `${records} grants`
  return new GrantdError(
    'invalid_request',
    `the vault has a key already, and ${grants} sealed under it, which this would give up for good`,
    {
      hint: 'for another key: grantd vault rekey; to give it up: grantd vault init --discard-sealed',
    },
  )
}

function keepersFor(wish: KeyWish): readonly Provider[] {
  return wish === 'auto' ? ['keychain', 'kernel_keyring', 'memory'] : [wish]
}

/** The pin goes last: until then the vault says whose it was, and this can be asked for again. */
async function discard({ files, keeperOf }: VaultWorld, sealed: SealedFiles): Promise<void> {
  const { readable, broken } = sealed.records
  const ids = [
    ...readable.map(({ id }) => id),
    ...broken.flatMap(({ file }) => recordId(file) ?? []),
  ]
  for (const id of ids) await files.remove(id).catch(unwritten)
  await files.removeFile('rekey').catch(unwritten)
  await files.removeFile('pin').catch(unwritten)
  // Copies of what was removed may lie about; whoever cannot forget their key keeps it.
  for (const { provider, keyId } of namedKeys(sealed))
    if (provider !== 'memory') await keeperOf(provider).forget(keyId)
}
