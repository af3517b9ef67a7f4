/** Longest address in characters an issuer may hand us; a browser takes no more either. */
const MAX_ADDRESS_LENGTH = 8192

/**
 * Whether an address an issuer gave may be used or shown: absolute, `https`,
 * printable ASCII (it is written to a terminal), without a name or password in
 * it. `http` passes on 127.0.0.1 and [::1] only, and only where a test or a
 * developer asked for that.
 *
 * @see RFC 8252 §8.3 for why the loopback address is spelled as an IP literal
 */
export function isSafeAddress(address: unknown, allowLoopbackHttp: boolean): address is string {
  if (typeof address !== 'string' || address.length > MAX_ADDRESS_LENGTH) return false
  if (!/^[\x21-\x7e]+$/.test(address) || !URL.canParse(address)) return false
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return false
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && allowLoopbackHttp && isLoopback(url.hostname)
}

function isLoopback(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === '[::1]'
}
