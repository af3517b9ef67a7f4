import { GrantdError } from '@grantd/client/protocol'
import { type Locked, MEMORY_ONLY } from './choose-key.ts'
import { errorCode } from './error-code.ts'
import { KEEPER_WORDS } from './keeper-words.ts'
import type { SealedRecords } from './sealed-records.ts'
import type { LockedBy, LockedOnPurposeBy, VaultFacts } from './vault-facts.ts'
import type { SealedFacts } from './vault-maker.ts'
import { VaultUnusableError } from './vault-unusable-error.ts'

/** How a vault's state is told. */
export interface DoorState {
  readonly kind: 'sealed' | 'memory' | 'locked'
  /** One sentence for a person. */
  readonly detail: string
}

/** Between two states: nobody should see it for long. */
export const NOT_OPEN: Locked = {
  kind: 'locked',
  reason: 'the vault is closed',
  hint: 'grantd unlock',
}

const DOCTOR = 'grantd doctor'

/** Where an open vault keeps its grants, and what the person must know about it. */
export function openState(vault: SealedRecords, notice: string | undefined): DoorState {
  const { kind, provider, broken } = vault
  const sealed = `grants are sealed on disk with a key from ${KEEPER_WORDS[provider]}`
  const where =
    kind === 'memory'
      ? (notice ?? MEMORY_ONLY)
      : [sealed, notice].filter((each) => each !== undefined).join('; ')
  return { kind, detail: `${where}${brokenWords(broken.length)}` }
}

/** All that may be shown of an open vault. */
export function openFacts(vault: SealedRecords): VaultFacts {
  const { kind, provider, keyId, broken, isRekeying } = vault
  return {
    state: 'open',
    provider,
    ...(kind === 'sealed' && { keyId }),
    records: vault.list().length + broken.length,
    broken,
    isRekeying,
  }
}

/** All that may be shown of a locked one. */
export function lockedFacts(
  { reason, hint, needs }: Locked,
  { provider, keyId, records, isRekeying }: SealedFacts,
  lockedBy: LockedBy,
): VaultFacts {
  return {
    state: 'locked',
    ...(provider && { provider }),
    ...(keyId !== undefined && { keyId }),
    records,
    broken: [],
    isRekeying,
    lockedBy,
    ...(needs && { needs }),
    reason,
    hint,
  }
}

/** Why a vault is locked that somebody locked. */
export function lockedOnPurpose(by: LockedOnPurposeBy, { takesPassphrase }: SealedFacts): Locked {
  return {
    kind: 'locked',
    reason: by === 'idle' ? 'the vault was locked because nobody used it' : 'you locked the vault',
    hint: 'grantd unlock',
    ...(takesPassphrase && { needs: 'passphrase' }),
  }
}

/** What callers hear of it. */
export function lockedError({ reason, hint }: Locked, retryAfterSeconds?: number): GrantdError {
  return new GrantdError('vault_locked', reason, { hint, retryAfterSeconds })
}

/** Our own words, or a system error's code; what else an error says may be a secret. */
export function lockedBecause(error: unknown): Locked {
  if (error instanceof VaultUnusableError || error instanceof GrantdError)
    return { kind: 'locked', reason: error.message, hint: error.hint ?? DOCTOR }
  const reason = `the vault cannot be opened: ${errorCode(error)}`
  return { kind: 'locked', reason, hint: DOCTOR }
}

/** The same, for whoever asked for something. */
export function asGrantdError(error: unknown): GrantdError {
  return error instanceof GrantdError ? error : lockedError(lockedBecause(error))
}

function brokenWords(records: number): string {
  if (records === 0) return ''
  return `; ${records === 1 ? '1 record' : `${records} records`} cannot be opened`
}
