import { KEYCHAIN_DEADLINE_MS, KEYCHAIN_PROMPT_MS } from '../base/limits.ts'
import type { ConfigFiles } from '../config/config-files.ts'
import type { Paths } from '../config/paths.ts'
import { kernelKeyring } from '../platform/kernel-keyring.ts'
import { isolatedKeychain } from '../platform/keychain.ts'
import { keeperNamed } from '../vault/keeper-words.ts'
import { keeperOf } from '../vault/keepers.ts'
import { machineIdentity } from '../vault/machine-identity.ts'
import { vaultFiles } from '../vault/vault-files.ts'
import { type VaultMaker, vaultMaker } from '../vault/vault-maker.ts'

/** A broken configuration opens nothing: it may have said where the key is. */
export function chooseVault(
  options: {
    readonly paths: Pick<Paths, 'stateDirectory'>
    /** Where the keychain's bus and desktop are found; all but a few names stay here. */
    readonly environment: NodeJS.ProcessEnv
    readonly uid: number
  },
  config: Pick<ConfigFiles, 'current'>,
): VaultMaker {
  const { paths, environment, uid } = options
  const keychain = isolatedKeychain(environment)
  const keyring = kernelKeyring(process.platform, process.arch)
  return vaultMaker({
    files: vaultFiles(paths.stateDirectory),
    machineIdentity: (isGivenUp) => machineIdentity(paths.stateDirectory, isGivenUp),
    wish: () => keeperNamed(config.current().vault.sealingKey),
    keeperOf: (provider, { passphrase, isPersonWaiting, signal }) =>
      keeperOf(provider, {
        keychain: (request, deadlineMs) => keychain(request, deadlineMs, signal),
        keychainDeadlineMs: isPersonWaiting ? KEYCHAIN_PROMPT_MS : KEYCHAIN_DEADLINE_MS,
        kernelKeyring: keyring,
        credentialsDirectory: environment['CREDENTIALS_DIRECTORY'],
        uid,
        passphrase,
      }),
  })
}
