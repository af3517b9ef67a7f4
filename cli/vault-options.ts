import type { VaultProvider } from '@grantd/client/protocol'
import { VAULT_PROVIDERS } from '@grantd/client/protocol'
import type { Help } from './command.ts'
import { noMore } from './grant-name.ts'
import { JSON_OPTION, type Parsed } from './options.ts'
import { PASSPHRASE_OPTION } from './passphrase.ts'
import { UsageError } from './usage-error.ts'

/** Help of `grantd vault`. */
export const HELP: Help = {
  usage: 'grantd vault status|init|rekey [OPTION]...',
  about: [
    'status  says who keeps the key that grants are sealed with, and what cannot be opened.',
    'init    makes the first key, where the configuration leaves it to you or a key is lost.',
    'rekey   seals every grant anew under a new key, by the same keeper or another; the old key,',
    '        and the old passphrase, open nothing any more. Cut short, it can be asked for again.',
    'KEEPER is keychain, kernel-keyring, passphrase, credential-file or memory.',
    'A passphrase is typed unseen, twice, or comes through a pipe with --passphrase-stdin.',
  ],
  example: {
    line: 'grantd vault rekey --provider passphrase',
    text: 'take the key away from the keychain; asks for a new passphrase',
  },
}

/** Options of `grantd vault`. */
export const OPTIONS = {
  provider: { type: 'string', value: 'KEEPER', text: 'who is to keep the key (init, rekey)' },
  'passphrase-stdin': PASSPHRASE_OPTION,
  'discard-sealed': {
    type: 'boolean',
    text: 'delete grants whose key is lost (init); their tokens live on at the issuers',
  },
  yes: { type: 'boolean', text: 'do not ask whether to delete' },
  json: JSON_OPTION,
} as const

/** What the command line asks of the vault. */
export interface VaultAsk {
  readonly verb: 'status' | 'init' | 'rekey'
  readonly provider: VaultProvider | undefined
  readonly fromStdin: boolean
  readonly discardSealed: boolean
  readonly isAgreed: boolean
}

const VERBS: readonly VaultAsk['verb'][] = ['status', 'init', 'rekey']

/** Which option goes with which verbs; `--json` goes with all. */
const BELONGS: Readonly<Record<string, readonly VaultAsk['verb'][]>> = {
  provider: ['init', 'rekey'],
  'passphrase-stdin': ['init', 'rekey'],
  'discard-sealed': ['init'],
  yes: ['init'],
}

/** @throws UsageError */
export function vaultAsk({ values, positionals }: Parsed<typeof OPTIONS>): VaultAsk {
  const [word] = positionals
  const verb = VERBS.find((known) => known === word)
  if (verb === undefined) throw new UsageError(`grantd vault takes one of ${VERBS.join(', ')}`)
  noMore(positionals, 1)
  for (const [option, verbs] of Object.entries(BELONGS))
    if (Object.hasOwn(values, option) && !verbs.includes(verb))
      throw new UsageError(`--${option} does not go with "${verb}"`)
  // the hyphens of the configuration, or the underscores of the wire
  const wanted = values.provider?.replaceAll('-', '_')
  const provider = VAULT_PROVIDERS.find((known) => known === wanted)
  if (wanted !== undefined && provider === undefined)
    throw new UsageError(
      `--provider takes one of ${VAULT_PROVIDERS.join(', ').replaceAll('_', '-')}`,
    )
  return {
    verb,
    provider,
    fromStdin: values['passphrase-stdin'] === true,
    discardSealed: values['discard-sealed'] === true,
    isAgreed: values.yes === true,
  }
}
