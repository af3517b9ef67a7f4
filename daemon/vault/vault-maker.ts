import type { Secret } from '../base/secret.ts'
import { type KeyWish, namedKeys } from './choose-key.ts'
import { initVault } from './init-vault.ts'
import type { DurableProvider, Keeper } from './keeper.ts'
import { openVault, type VaultOpening, type VaultWorld } from './open-vault.ts'
import { rekeyVault } from './rekey-vault.ts'
import type { SealedRecords } from './sealed-records.ts'
import { isAnythingSealed, nameOfKey, readSealedFiles } from './sealed-state.ts'
import type { Provider } from './sealing-key.ts'
import type { LockedOnPurposeBy } from './vault-facts.ts'
import type { VaultFiles } from './vault-files.ts'

/** How keepers are asked. */
export interface Asking {
  /** Still the caller's. */
  readonly passphrase: Secret | undefined
  /** True when a person waits, who may have to answer a prompt of the desktop first. */
  readonly isPersonWaiting: boolean
  /** Ends every wait for a keeper: it has not answered then. */
  readonly signal: AbortSignal
}

/** What lies sealed, asked of no keeper. */
export interface SealedFacts {
  readonly provider?: Provider
  /** Hexadecimal. */
  readonly keyId?: string
  readonly records: number
  /** True when another key would make something unreadable for good. */
  readonly isAnything: boolean
  /** True when records may lie under two keys. */
  readonly isRekeying: boolean
  /** True when a passphrase opens it; where a rekey is unfinished, perhaps not only that. */
  readonly takesPassphrase: boolean
}

/** Everything the door can have done. */
export interface VaultMaker {
  /** @throws GrantdError `config_invalid` */
  wish(): KeyWish
  open(asking: Asking): Promise<VaultOpening>
  look(): Promise<SealedFacts>
  init(
    how: { readonly provider: Provider | undefined; readonly discardSealed: boolean },
    asking: Asking,
  ): Promise<VaultOpening>
  /** @returns What the person must know. */
  rekey(
    vault: SealedRecords,
    provider: DurableProvider,
    asking: Asking,
  ): Promise<string | undefined>
  /** Who locked it on purpose, as it was written down; in doubt a person. */
  readLock(): Promise<LockedOnPurposeBy | undefined>
  writeLock(by: LockedOnPurposeBy): Promise<void>
  removeLock(): Promise<void>
}

/** Where the parts of a vault come from. */
export interface VaultSources {
  readonly files: VaultFiles
  /**
   * From `machineIdentity`; asked each time, because it may reject.
   *
   * @param isGivenUp True when what is sealed is about to be removed for good.
   */
  readonly machineIdentity: (isGivenUp: boolean) => Promise<string>
  /** @throws GrantdError `config_invalid`: a broken configuration may have said where the key is. */
  readonly wish: () => KeyWish
  readonly keeperOf: (provider: DurableProvider, asking: Asking) => Keeper
}

/** The real vaults of one state directory. */
export function vaultMaker(sources: VaultSources): VaultMaker {
  const { files } = sources
  const world = async (asking: Asking, isGivenUp = false): Promise<VaultWorld> => ({
    files,
    wish: sources.wish(),
    machineIdentity: await sources.machineIdentity(isGivenUp),
    keeperOf: (provider) => sources.keeperOf(provider, asking),
  })
  return {
    wish: sources.wish,
    open: async (asking) => await openVault(await world(asking)),
    init: async (how, asking) => await initVault(await world(asking, how.discardSealed), how),
    rekey: async (vault, provider, asking) =>
      await rekeyVault(vault, await world(asking), provider),
    async look() {
      const sealed = await readSealedFiles(files)
      const key = nameOfKey(sealed)
      return {
        records: sealed.count,
        isAnything: isAnythingSealed(sealed),
        isRekeying: sealed.rekey !== undefined,
        takesPassphrase: namedKeys(sealed).some(({ provider }) => provider === 'passphrase'),
        ...(key && { provider: key.provider, keyId: key.keyId.toString('hex') }),
      }
    },
    async readLock() {
      const bytes = await files.readFile('lock')
      if (bytes === undefined) return undefined
      return bytes.toString('utf8') === 'idle\n' ? 'idle' : 'person'
    },
    writeLock: (by) => files.writeFile('lock', Buffer.from(`${by}\n`)),
    removeLock: () => files.removeFile('lock'),
  }
}
