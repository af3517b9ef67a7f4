import { Secret } from '../base/secret.ts'

/**
 * The bytes of a passphrase. Two keyboards may write the same letter in two ways: both
 * come to the same bytes.
 *
 * @see RFC 8265 §4.2 (OpaqueString: NFC)
 */
export function passphraseSecret(passphrase: string): Secret
export function passphraseSecret(passphrase: string | undefined): Secret | undefined
export function passphraseSecret(passphrase: string | undefined): Secret | undefined {
  return passphrase === undefined ? undefined : Secret.fromText(passphrase.normalize('NFC'))
}
