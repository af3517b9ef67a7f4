import type { KeychainReply } from '../platform/keychain.ts'
import type { SealHeader } from './seal.ts'
import { SEALING_KEY_BYTES, sealingKeyId } from './sealing-key.ts'

/** What lies sealed on disk. */
export interface SealedState {
  /** Files of records, readable or not: one is enough to never make another key. */
  readonly count: number
  /** Headers of those that have one. */
  readonly headers: readonly SealHeader[]
}

/** Why there is no vault yet, and what a person can do about it. */
export interface Locked {
  readonly kind: 'locked'
  readonly reason: string
  readonly hint: string
}

/** Where the sealing key comes from, or why there is none. */
export type KeyChoice =
  /** The bytes of the reply, still the caller's to wipe. */
  | { readonly kind: 'use'; readonly value: Buffer }
  | { readonly kind: 'make' }
  | { readonly kind: 'memory'; readonly notice: string }
  | Locked

/** Said wherever grants are not written to disk. */
export const MEMORY_ONLY = 'grants are kept in memory and end with the daemon'

const UNLOCK = 'unlock the keychain of your desktop'

/**
 * The table that keeps sealed records safe from a second key and from a weaker
 * keeper: only `nothing sealed` ever leads to a new key or to memory.
 *
 * @param choice `keychain` never falls back to memory.
 * @param reply What the keychain said to a `get` of the sealing key.
 */
export function chooseKey(
  choice: 'auto' | 'keychain',
  sealed: SealedState,
  reply: KeychainReply,
): KeyChoice {
  const hasSealed = sealed.count > 0
  const isKeptElsewhere =
    sealed.headers.length > 0 && sealed.headers.every(({ provider }) => provider !== 'keychain')
  if (isKeptElsewhere)
    return locked('the key of the sealed grants is not in the keychain', 'update grantd')
  if (reply.kind === 'value') return judgeKey(reply.value, sealed.headers)
  if (reply.kind === 'none' && !hasSealed) return { kind: 'make' }
  if (reply.kind === 'unavailable' && !hasSealed && choice === 'auto')
    return { kind: 'memory', notice: `no keychain answered (${reply.reason}): ${MEMORY_ONLY}` }
  return locked(describeRefusal(reply), UNLOCK)
}

/** Why a keychain gave no key, in words for a person. */
export function describeRefusal(reply: KeychainReply): string {
  switch (reply.kind) {
    case 'none':
      return 'the keychain is locked, or the sealing key is gone from it'
    case 'unavailable':
      return `no keychain answered (${reply.reason})`
    case 'crashed':
      return `the keychain is not answering: its helper died of ${reply.signal}`
    case 'timeout':
      return 'the keychain is not answering'
    case 'value':
    case 'done':
      break
  }
  return 'the keychain gave an answer to another question'
}

function judgeKey(value: Buffer, headers: readonly SealHeader[]): KeyChoice {
  if (value.length !== SEALING_KEY_BYTES)
    return locked(
      'wrong key: the item of grantd in the keychain is not a sealing key',
      'remove it from the keychain, or restore it from a backup',
    )
  const id = sealingKeyId(value)
  if (headers.length > 0 && !headers.some(({ keyId }) => keyId.equals(id)))
    return locked(
      'wrong key: the sealed grants belong to another one than the keychain holds',
      'restore the keychain item of grantd, or move the sealed grants away and log in again',
    )
  return { kind: 'use', value }
}

function locked(reason: string, hint: string): Locked {
  return { kind: 'locked', reason, hint }
}
