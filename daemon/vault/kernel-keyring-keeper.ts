import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { KernelKeyring } from '../platform/kernel-keyring.ts'
import { SystemCallError } from '../platform/system-call-error.ts'
import { type Keeper, NO_PARAMETERS, type Refusal } from './keeper.ts'
import { SEALING_KEY_BYTES, sealingKeyId } from './sealing-key.ts'

/**
 * The kernel's user keyring: no file, no program, and nothing left after a reboot. The
 * grants sealed under it then need a new login.
 */
export function kernelKeyringKeeper(keyring: KernelKeyring): Keeper {
  return {
    provider: 'kernel_keyring',

    async make() {
      return { kind: 'made', bytes: randomBytes(SEALING_KEY_BYTES), parameters: NO_PARAMETERS }
    },

    async find({ keyId }) {
      try {
        const bytes = keyring.get(descriptionOf(keyId))
        if (bytes === undefined) return GONE
        if (bytes.length === SEALING_KEY_BYTES && sealingKeyId(bytes).equals(keyId))
          return { kind: 'found', bytes }
        bytes.fill(0)
        return GONE
      } catch (error) {
        return unavailable(error)
      }
    },

    async keep(keyId, bytes) {
      try {
        keyring.put(descriptionOf(keyId), bytes)
        const kept = keyring.get(descriptionOf(keyId))
        const isKept = kept?.length === bytes.length && timingSafeEqual(kept, bytes)
        kept?.fill(0)
        return isKept ? { kind: 'kept' } : NOT_KEPT
      } catch (error) {
        return unavailable(error)
      }
    },

    async forget(keyId) {
      try {
        return keyring.remove(descriptionOf(keyId))
      } catch (error) {
        unavailable(error)
        return false
      }
    },
  }
}

const GONE: Refusal = {
  kind: 'none',
  reason: "the sealing key is gone from the kernel's keyring, most likely by a reboot",
  hint: 'run: grantd vault init --discard-sealed, and log in again',
}

const NOT_KEPT: Refusal = {
  kind: 'silent',
  reason: "the kernel's keyring did not keep a new key",
  hint: 'choose another keeper of the key in the configuration',
}

function descriptionOf(keyId: Buffer): string {
  return `grantd:sealing-key:${keyId.toString('hex')}`
}

/** @throws What is no answer of the kernel. */
function unavailable(error: unknown): Refusal {
  if (!(error instanceof SystemCallError)) throw error
  return {
    kind: 'unavailable',
    reason: `the kernel's keyring cannot be used (${error.message})`,
    hint: 'choose another keeper of the key in the configuration',
  }
}
