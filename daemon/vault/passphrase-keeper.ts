import { randomBytes, scrypt } from 'node:crypto'
import type { Secret } from '../base/secret.ts'
import type { Keeper, Refusal } from './keeper.ts'
import {
  decodeParameters,
  encodeParameters,
  NEW_KEYS,
  SALT_BYTES,
  type ScryptParameters,
} from './passphrase-parameters.ts'
import { SEALING_KEY_BYTES, sealingKeyId } from './sealing-key.ts'
import { Turns } from './turns.ts'

/** Each derivation takes 128 MiB, so there is one at a time, whoever asks. */
const derivations = new Turns()

/**
 * The person keeps the key: it is derived from the passphrase, bytes as they were given,
 * and lies nowhere.
 *
 * @param passphrase Still the caller's; undefined when nobody gave one.
 * @param cost Of new keys; for tests that derive many.
 */
export function passphraseKeeper(
  passphrase: Secret | undefined,
  cost: Pick<ScryptParameters, 'logN' | 'r' | 'p'> = NEW_KEYS,
): Keeper {
  return {
    provider: 'passphrase',

    async make() {
      if (passphrase === undefined) return ASKS
      const parameters = { ...cost, salt: randomBytes(SALT_BYTES) }
      const bytes = await derive(passphrase, parameters)
      return { kind: 'made', bytes, parameters: encodeParameters(parameters) }
    },

    async find({ keyId, parameters }) {
      if (passphrase === undefined) return ASKS
      const how = decodeParameters(parameters)
      if (how === undefined) return STRANGE
      const bytes = await derive(passphrase, how)
      if (sealingKeyId(bytes).equals(keyId)) return { kind: 'found', bytes }
      bytes.fill(0)
      return WRONG
    },

    /** Whoever gave the passphrase has it. */
    async keep() {
      return { kind: 'kept' }
    },

    /** Nobody can make a person forget, but without the header there is nothing to derive. */
    async forget() {
      return true
    },
  }
}

const ASKS: Refusal = {
  kind: 'asks',
  reason: 'the vault is locked with a passphrase',
  hint: 'run: grantd unlock',
}

const WRONG: Refusal = {
  kind: 'wrong',
  reason: 'the passphrase is not the one the vault was locked with',
  hint: 'run: grantd unlock',
}

const STRANGE: Refusal = {
  kind: 'none',
  reason: 'the vault asks for more than a passphrase may cost, or was made by another version',
  hint: 'restore the state directory from a backup; without one: grantd vault init --discard-sealed',
}

async function derive(passphrase: Secret, { logN, r, p, salt }: ScryptParameters): Promise<Buffer> {
  const cost = 2 ** logN
  const options = { N: cost, r, p, maxmem: 2 * 128 * cost * r }
  return await derivations.take(
    'scrypt',
    () =>
      new Promise((resolve, reject) => {
        scrypt(passphrase.revealBytes(), salt, SEALING_KEY_BYTES, options, (error, key) => {
          if (error === null) resolve(key)
          else reject(error)
        })
      }),
  )
}
