import type { Status, VaultProvider, VaultStatus } from '@grantd/client/protocol'
import type { Reply } from './daemon-facts.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Who keeps the key of an open vault, and what to know of it; memory is told of elsewhere. */
const KEEPERS: Readonly<Record<Exclude<VaultProvider, 'memory'>, readonly [string, string?]>> = {
  keychain: ['the OS keychain, which has answered'],
  kernel_keyring: [
    'the keyring of the kernel, and ends with a restart of the machine',
    'to keep grants beyond it: grantd vault rekey --provider passphrase',
  ],
  passphrase: ['a passphrase'],
  credential_file: ['a credential file of the service manager'],
}

/**
 * What there is to say about the vault.
 *
 * @param reply What the daemon tells of it; a silent one is told of elsewhere.
 */
export function judgeVault(vault: Status['vault'], reply: Reply<VaultStatus>): Finding[] {
  const state = stateOf(vault)
  if (reply.kind !== 'answer') {
    const advice = 'the daemon may be of another version: restart it'
    return [state, warn(`the daemon does not tell who keeps the key: ${reply.detail}`, advice)]
  }
  return [state, ...keeper(reply.value), ...records(reply.value)]
}

function stateOf({ kind, detail, hint }: Status['vault']): Finding {
  const what = `vault: ${detail}`
  if (kind === 'sealed') return ok(what)
  return kind === 'memory'
    ? warn(what, 'install or unlock a keychain, then restart the daemon')
    : fail(what, hint ?? 'unlock it: grantd unlock')
}

function keeper({ state, provider, key_id: id, locked_by: by }: VaultStatus): Finding[] {
  if (provider === undefined || provider === 'memory') return []
  if (state === 'locked') {
    return provider === 'keychain' && by === 'keeper'
      ? [fail('the keychain does not give the sealing key', 'unlock the keychain of your desktop')]
      : []
  }
  // a later version may know another one
  const [words, advice] = KEEPERS[provider] ?? [provider]
  return [ok(`sealing key${id === undefined ? '' : ` ${id}`} is kept by ${words}`, advice)]
}

function records({ broken, rekey_unfinished: isUnfinished }: VaultStatus): Finding[] {
  return [
    ...broken.map(({ file, reason }) =>
      fail(`record ${file} cannot be opened: ${reason}`, 'log in again: grantd login NAME'),
    ),
    ...(isUnfinished
      ? [warn('records lie under two sealing keys', 'finish it: grantd vault rekey')]
      : []),
  ]
}
