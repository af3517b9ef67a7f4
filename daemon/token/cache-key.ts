/** What one access token is for. */
export interface TokenKey {
  readonly grantId: string
  /**
   * The oldest generation whose access tokens still work: the current one where a
   * refresh ends earlier tokens, 1 elsewhere. With the plain generation here, two
   * tools with different scopes would evict each other's token at every rotation.
   */
  readonly validSinceGeneration: number
  readonly audience: string | undefined
  readonly scope: readonly string[]
  /** JWK SHA-256 thumbprint of the DPoP key, RFC 9449; absent for bearer tokens. */
  readonly thumbprint: string | undefined
}

/** Keys are made once for many requests. */
const texts = new WeakMap<TokenKey, string>()

/** One string per key; the order of scope tokens does not matter. */
export function cacheKey(key: TokenKey): string {
  const known = texts.get(key)
  if (known !== undefined) return known
  const text = textOf(key)
  texts.set(key, text)
  return text
}

function textOf(key: TokenKey): string {
  return JSON.stringify([
    key.grantId,
    key.validSinceGeneration,
    key.audience ?? null,
    [...key.scope].sort(),
    key.thumbprint ?? null,
  ])
}
