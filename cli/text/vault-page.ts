import type { VaultProvider, VaultStatus } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { columns } from './columns.ts'

/** Who keeps the key, for a person. */
const KEEPERS: Readonly<Record<VaultProvider, string>> = {
  keychain: 'the OS keychain',
  kernel_keyring: 'the keyring of the Linux kernel; it ends with a restart of the machine',
  passphrase: 'a passphrase',
  credential_file: 'a credential file of the service manager',
  memory: 'nobody: grants are kept in memory and end with the daemon',
}

/** `grantd vault status`. */
export function vaultPage(vault: VaultStatus): string {
  const rows = [
    ['vault', state(vault)],
    ...(vault.provider === undefined ? [] : [['key kept by', keeper(vault.provider)]]),
    ...(vault.key_id === undefined ? [] : [['key', vault.key_id]]),
    ['records', String(vault.records)],
    ...vault.broken.map(({ file, reason }, at) => [
      at === 0 ? 'not readable' : '',
      `${file}: ${reason}`,
    ]),
    ...(vault.rekey_unfinished
      ? [['rekey', 'unfinished: records lie under two keys; run: grantd vault rekey']]
      : []),
    ...(vault.hint === undefined ? [] : [['help', vault.hint]]),
  ]
  return columns(rows.map((row) => row.map(printable)))
    .map((line) => `${line}\n`)
    .join('')
}

/** Who locked it stands in the reason. */
function state({ state, reason }: VaultStatus): string {
  return state === 'locked' && reason !== undefined ? `locked: ${reason}` : state
}

/** A provider of a later version has no sentence here. */
function keeper(provider: VaultProvider): string {
  return KEEPERS[provider] ?? provider
}

/** `grantd lock`. */
export const LOCKED = 'locked: no token is handed out until: grantd unlock\n'

/** `grantd unlock`; what could not be opened is said. */
export function unlockedText({ records, broken }: VaultStatus): string {
  return `unlocked, ${count(records)}${lost(broken.length)}\n`
}

/** Asked before sealed grants are deleted. */
export const DISCARD_QUESTION =
  'grantd: this deletes every sealed grant for good, and their refresh tokens stay alive at the issuers; delete them?'

/** `grantd vault init`. */
export function initText(vault: VaultStatus): string {
  return `the vault has a new key${keptBy(vault)}\n`
}

/** `grantd vault rekey`. */
export function rekeyText(vault: VaultStatus): string {
  const { records, broken } = vault
  return `a new key seals ${count(records - broken.length)}${keptBy(vault)}${lost(broken.length)}\n`
}

function keptBy({ provider }: VaultStatus): string {
  return provider === undefined ? '' : `, kept by ${keeper(provider)}`
}

function count(records: number): string {
  return records === 1 ? '1 grant' : `${records} grants`
}

function lost(broken: number): string {
  return broken === 0 ? '' : `; ${count(broken)} cannot be opened, see: grantd vault status`
}
