/** What a template of Microsoft's says where the tenant belongs; one document serves them all. */
const ANY_ENTRA_TENANT = 'https://login.microsoftonline.com/{tenantid}/v2.0'

/**
 * Whether an address can be the identifier of an issuer: no query, no fragment (RFC 8414
 * §2), and not the address of a metadata document, which would name whom it likes.
 *
 * @param issuer An address that can be parsed.
 */
export function isIssuerName(issuer: string): boolean {
  const { href, pathname } = new URL(issuer)
  // An empty query or fragment is seen in the text alone.
  return !/[?#]/.test(href) && !pathname.split('/').includes('.well-known')
}

/**
 * Whether a metadata document is the one of the issuer that was asked for: letter by
 * letter, RFC 8414 §3.3 and OpenID Connect Discovery §4.3. A slash at the end may differ:
 * RFC 8414 §3.1 and OpenID Connect Discovery §4.1 remove it before they build the
 * document's address, so both spellings have the same document.
 *
 * @param said `issuer` of the document. Microsoft's template counts for its own tenants.
 */
export function isNameOf(said: unknown, asked: string): boolean {
  if (typeof said !== 'string') return false
  if (said === ANY_ENTRA_TENANT) return new URL(asked).origin === new URL(said).origin
  return withoutSlash(said) === withoutSlash(asked)
}

function withoutSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
}
