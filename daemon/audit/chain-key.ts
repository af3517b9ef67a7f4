import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import type { Head } from './chain.ts'

/** The keys of one stretch of the log, between two seals. */
export interface ChainKey {
  /** Ed25519; signs the seal that ends the stretch, and is gone then. */
  readonly signing: KeyObject
  /** Of `signing`, as the log says it: base64url of 32 bytes. */
  readonly publicKey: string
  /** Of each line. */
  readonly mac: KeyObject
}

/** A key as it lies in the key file. */
export interface StoredKey {
  /** PKCS #8, base64url. */
  readonly signing: string
  /** 32 bytes, base64url. */
  readonly mac: string
}

const MAC_KEY_BYTES = 32

/** The 12 bytes before the key itself in the DER of an Ed25519 public key, RFC 8410. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** Keys that nobody has had. */
export function newChainKey(): ChainKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  return chainKey(privateKey, createSecretKey(randomBytes(MAC_KEY_BYTES)))
}

/** For the key file. */
export function storedKey({ signing, mac }: ChainKey): StoredKey {
  return {
    signing: signing.export({ type: 'pkcs8', format: 'der' }).toString('base64url'),
    mac: mac.export().toString('base64url'),
  }
}

/** @throws Error when it is no key of ours */
export function restoredKey({ signing, mac }: StoredKey): ChainKey {
  const bytes = Buffer.from(mac, 'base64url')
  const key = createPrivateKey({
    key: Buffer.from(signing, 'base64url'),
    format: 'der',
    type: 'pkcs8',
  })
  if (bytes.length !== MAC_KEY_BYTES || key.asymmetricKeyType !== 'ed25519')
    throw new TypeError('not a key of an audit log')
  return chainKey(key, createSecretKey(bytes))
}

/**
 * Signs everything up to a line, and hands over to the next key.
 *
 * @param before The line before the seal.
 * @param nextKey Public key of the next stretch.
 */
export function signSeal(key: ChainKey, before: Head, nextKey: string): string {
  return sign(null, sealText(before, nextKey), key.signing).toString('base64url')
}

/** True when the owner of a public key signed that seal. */
export function isSealOf(
  publicKey: string,
  before: Head,
  nextKey: string,
  signature: string,
): boolean {
  try {
    const der = Buffer.concat([SPKI_PREFIX, Buffer.from(publicKey, 'base64url')])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return verify(null, sealText(before, nextKey), key, Buffer.from(signature, 'base64url'))
  } catch {
    return false // no key at all: somebody wrote another text in its place
  }
}

function sealText({ seq, hash }: Head, nextKey: string): Buffer {
  return Buffer.from(`grantd audit seal\n${seq}\n${hash}\n${nextKey}\n`)
}

function chainKey(signing: KeyObject, mac: KeyObject): ChainKey {
  const der = createPublicKey(signing).export({ type: 'spki', format: 'der' })
  return { signing, publicKey: der.subarray(SPKI_PREFIX.length).toString('base64url'), mac }
}
