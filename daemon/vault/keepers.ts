import type { Secret } from '../base/secret.ts'
import type { KernelKeyring } from '../platform/kernel-keyring.ts'
import type { Keychain } from '../platform/keychain.ts'
import { credentialFileKeeper } from './credential-file-keeper.ts'
import type { DurableProvider, Keeper } from './keeper.ts'
import { kernelKeyringKeeper } from './kernel-keyring-keeper.ts'
import { keychainKeeper } from './keychain-keeper.ts'
import { passphraseKeeper } from './passphrase-keeper.ts'

/** What keepers are reached by. */
export interface KeeperSources {
  readonly keychain: Keychain
  /** Milliseconds for each question to it. */
  readonly keychainDeadlineMs: number
  readonly kernelKeyring: KernelKeyring
  /** `$CREDENTIALS_DIRECTORY`. */
  readonly credentialsDirectory: string | undefined
  /** Our own effective uid. */
  readonly uid: number
  /** Still the caller's; undefined when nobody gave one. */
  readonly passphrase: Secret | undefined
}

const KEEPERS: Readonly<Record<DurableProvider, (sources: KeeperSources) => Keeper>> = {
  keychain: ({ keychain, keychainDeadlineMs }) => keychainKeeper(keychain, keychainDeadlineMs),
  kernel_keyring: ({ kernelKeyring }) => kernelKeyringKeeper(kernelKeyring),
  passphrase: ({ passphrase }) => passphraseKeeper(passphrase),
  credential_file: ({ credentialsDirectory, uid }) =>
    credentialFileKeeper(credentialsDirectory, uid),
}

/** The keeper of that name. */
export function keeperOf(provider: DurableProvider, sources: KeeperSources): Keeper {
  return KEEPERS[provider](sources)
}
