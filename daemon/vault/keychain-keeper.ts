import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Keychain, KeychainReply } from '../platform/keychain.ts'
import { type Keeper, NO_PARAMETERS, type Refusal } from './keeper.ts'
import { SEALING_KEY_BYTES, sealingKeyId } from './sealing-key.ts'

const SERVICE = 'grantd'

/** Where the key of a vault without a pin lies: one for all vaults of a user. */
const ACCOUNT_BEFORE_PINS = 'sealing-key'

const UNLOCK = 'unlock the keychain of your desktop, then run: grantd unlock'

/**
 * The keychain of the operating system. That it is locked and that an item is not there
 * look the same, so `none` never leads to another key.
 *
 * @param deadlineMs Milliseconds for each question.
 */
export function keychainKeeper(keychain: Keychain, deadlineMs: number): Keeper {
  const get = (account: string): Promise<KeychainReply> =>
    keychain({ op: 'get', service: SERVICE, account }, deadlineMs)
  const remove = (account: string): Promise<KeychainReply> =>
    keychain({ op: 'delete', service: SERVICE, account }, deadlineMs)
  const forget = async (keyId: Buffer): Promise<boolean> => {
    const removed = await remove(accountOf(keyId))
    const earlier = await get(ACCOUNT_BEFORE_PINS)
    const isEarlier = isKey(earlier, keyId)
    wipe(earlier)
    if (!isEarlier) return removed.kind === 'done'
    return (await remove(ACCOUNT_BEFORE_PINS)).kind === 'done'
  }
  return {
    provider: 'keychain',

    async make() {
      return { kind: 'made', bytes: randomBytes(SEALING_KEY_BYTES), parameters: NO_PARAMETERS }
    },

    async find({ keyId }) {
      for (const account of [accountOf(keyId), ACCOUNT_BEFORE_PINS]) {
        const reply = await get(account)
        if (reply.kind === 'value' && isKey(reply, keyId))
          return { kind: 'found', bytes: reply.value }
        wipe(reply)
        if (reply.kind === 'value' && account !== ACCOUNT_BEFORE_PINS) return WRONG_KEY
        if (reply.kind !== 'none' && reply.kind !== 'value') return refusalOf(reply)
      }
      return refusalOf({ kind: 'none' })
    },

    async keep(keyId, bytes) {
      const account = accountOf(keyId)
      // Only a keychain that cannot even be asked makes room for another keeper.
      const probe = await get(account)
      wipe(probe)
      if (probe.kind !== 'none' && probe.kind !== 'value') return refusalOf(probe)
      const set = await keychain(
        { op: 'set', service: SERVICE, account, secret: bytes },
        deadlineMs,
      )
      // Asked even when the set failed: an answer that was lost may have been a yes.
      const kept = await get(account)
      const isKept =
        kept.kind === 'value' &&
        kept.value.length === bytes.length &&
        timingSafeEqual(kept.value, bytes)
      wipe(kept)
      if (isKept) return { kind: 'kept' }
      await forget(keyId)
      const why = set.kind === 'done' ? kept : set
      return {
        kind: 'silent',
        reason: `the keychain did not keep a new key: ${describe(why)}`,
        hint: 'unlock or create the keychain of your desktop, or choose another keeper of the key',
      }
    },

    forget,
  }
}

const WRONG_KEY: Refusal = {
  kind: 'none',
  reason: 'the item of the keychain that should be the sealing key is another one',
  hint: 'restore the keychain item from a backup; without it: grantd vault init --discard-sealed',
}

function accountOf(keyId: Buffer): string {
  return `sealing-key-${keyId.toString('hex')}`
}

function isKey(reply: KeychainReply, keyId: Buffer): boolean {
  return (
    reply.kind === 'value' &&
    reply.value.length === SEALING_KEY_BYTES &&
    sealingKeyId(reply.value).equals(keyId)
  )
}

function wipe(reply: KeychainReply): void {
  if (reply.kind === 'value') reply.value.fill(0)
}

function refusalOf(reply: KeychainReply): Refusal {
  const kind = reply.kind === 'unavailable' || reply.kind === 'none' ? reply.kind : 'silent'
  return { kind, reason: describe(reply), hint: UNLOCK }
}

/** Why a keychain gave no key, in words for a person. */
function describe(reply: KeychainReply): string {
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
