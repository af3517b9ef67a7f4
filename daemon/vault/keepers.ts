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

/** The keeper of that name. */
export function keeperOf(provider: DurableProvider, sources: KeeperSources): Keeper {
  switch (provider) {
    case 'keychain':
      return keychainKeeper(sources.keychain, sources.keychainDeadlineMs)
    case 'kernel_keyring':
      return kernelKeyringKeeper(sources.kernelKeyring)
    case 'passphrase':
      return passphraseKeeper(sources.passphrase)
    case 'credential_file':
      return credentialFileKeeper(sources.credentialsDirectory, sources.uid)
    default:
      return provider satisfies never
  }
}
