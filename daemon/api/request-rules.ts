import { GrantdError, HOST, PATTERNS } from '@grantd/client/protocol'

const CLIENT_HEADER = new RegExp(PATTERNS.clientHeader)

/** What of a request's head is judged. */
export interface RequestHead {
  /** Such as `1.1`. */
  readonly httpVersion: string
  /** The request target, RFC 9112 §3.2. */
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * Rules every request meets before its route is looked at. A browser that was
 * tricked into talking to us sends `Origin` or another `Host`, and cannot send
 * `Grantd-Client` without asking first.
 *
 * @throws GrantdError `invalid_request`
 */
export function checkRequestHead(head: RequestHead): void {
  if (head.httpVersion !== '1.1')
    throw new GrantdError('invalid_request', 'the request must be HTTP/1.1')
  if (!head.url.startsWith('/'))
    throw new GrantdError('invalid_request', 'the request target must be a path')
  const twice = repeatedHeader(head.rawHeaders)
  if (twice !== undefined)
    throw new GrantdError('invalid_request', `the header "${twice}" came twice`)
  if (head.headers['host'] !== HOST)
    throw new GrantdError('invalid_request', `the header "Host" must be "${HOST}"`)
  const client = head.headers['grantd-client']
  if (typeof client !== 'string' || !CLIENT_HEADER.test(client))
    throw new GrantdError('invalid_request', 'the header "Grantd-Client" must be "name/version"')
  const coding = head.headers['transfer-encoding']
  if (coding !== undefined && coding !== 'chunked')
    throw new GrantdError('invalid_request', 'the body must be sent as it is')
  for (const name of ['origin', 'referer'])
    if (head.headers[name] !== undefined)
      throw new GrantdError('invalid_request', `a request with "${name}" comes from a browser`)
}

/** Of two values each reader may take another. */
const ONCE = ['host', 'grantd-client', 'content-length', 'content-type'] as const

/** @returns The first of them that came more than once. */
function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  const counts = [0, 0, 0, 0]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const text = rawHeaders[at] ?? ''
    const which = ONCE.findIndex(
      (name) => name.length === text.length && name === text.toLowerCase(),
    )
    if (which >= 0) counts[which] = (counts[which] ?? 0) + 1
  }
  return ONCE.find((_, which) => (counts[which] ?? 0) > 1)
}

/**
 * A route that needs no body gets none: nobody would read what stands in it.
 *
 * @throws GrantdError `invalid_request`
 */
export function checkNoBody(headers: RequestHead['headers']): void {
  const length = headers['content-length'] ?? '0'
  if (length !== '0' || headers['transfer-encoding'] !== undefined)
    throw new GrantdError('invalid_request', 'this route takes no body')
}
