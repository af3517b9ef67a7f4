import { type IncomingHttpHeaders, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'

/** What an issuer says of the time. */
export type DateAnswer =
  /** How far our clock is ahead of its own, in milliseconds. */
  | { readonly kind: 'date'; readonly offsetMs: number }
  | { readonly kind: 'silent'; readonly reason: string }

/** Half of a second: dates are cut down to whole ones. */
const ROUNDING_MS = 500

/**
 * Asks an issuer for its metadata, and reads nothing of the answer but its date: any answer
 * has one. No redirect is followed.
 *
 * @param now Wall time in milliseconds.
 */
export function askDate(issuer: string, now: () => number, timeoutMs: number): Promise<DateAnswer> {
  if (!isAskable(issuer)) return Promise.resolve(silent('not an https address'))
  return new Promise((resolve) => {
    const url = new URL(`${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`)
    const askedAt = now()
    const request = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, {
      method: 'HEAD',
      agent: false,
      // Else NODE_TLS_REJECT_UNAUTHORIZED=0, left over from some debugging, would turn it off.
      rejectUnauthorized: true,
      headers: { accept: 'application/json', 'cache-control': 'no-cache' },
    })
    const end = (answer: DateAnswer): void => {
      clearTimeout(timer)
      resolve(answer)
      request.destroy()
    }
    const timer = setTimeout(() => end(silent('no answer in time')), timeoutMs)
    const answered = (headers: IncomingHttpHeaders): void =>
      end(offsetBetween(headers, (askedAt + now()) / 2))
    // what comes after the end says nothing, but an error without a listener would end us
    request.on('error', (error: NodeJS.ErrnoException) => end(silent(reasonOf(error.code))))
    request.on('upgrade', ({ headers }) => answered(headers))
    request.on('response', ({ headers }) => answered(headers))
    request.end()
  })
}

/** https, or http to this very machine: the daemon has no other issuers. */
function isAskable(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false
  const { protocol, hostname, username, password } = new URL(issuer)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  return protocol === 'http:' && (hostname === '127.0.0.1' || hostname === '[::1]')
}

/** @see RFC 9111 §4.2.3: an answer out of a cache has the date of its origin and an age */
function offsetBetween({ date, age }: IncomingHttpHeaders, localMs: number): DateAnswer {
  const dateMs = Date.parse(date ?? '')
  if (Number.isNaN(dateMs)) return silent('its answer has no date')
  const ageMs = /^\d{1,9}$/.test(age ?? '') ? Number(age) * 1000 : 0
  return { kind: 'date', offsetMs: Math.round(localMs - (dateMs + ageMs + ROUNDING_MS)) }
}

function silent(reason: string): DateAnswer {
  return { kind: 'silent', reason }
}

/** @param code Of an error of the network or of TLS. */
export function reasonOf(code = ''): string {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return 'its certificate is not valid now, or this clock is wrong'
  }
  if (/^(?:CERT_|DEPTH_ZERO_|ERR_TLS_CERT|SELF_SIGNED_|UNABLE_TO_)/.test(code)) {
    return 'its certificate is not trusted'
  }
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'host not found' : 'no connection'
}
