/** What an answer looks like on its way back through the proxy. */
export interface ProxiedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Ends the connection after that many bytes of the body, with the full length announced. */
  readonly cutAfterBytes?: number
}

/** What goes wrong with one request. */
export type Fault =
  /** The request is read and thrown away: the issuer never acts. */
  | { readonly kind: 'drop_before' }
  /** The issuer never acts; this is answered in its place. */
  | { readonly kind: 'answer'; readonly answer: (form: URLSearchParams) => ProxiedAnswer }
  /**
   * The request stays in the proxy until `release`, and reaches the issuer only if its
   * sender still waits; after that `next` happens to it, default nothing.
   */
  | { readonly kind: 'hold_request'; readonly next?: FaultAfter }
  | FaultAfter

/** What goes wrong once the issuer has acted. */
export type FaultAfter =
  /** Its answer is lost. */
  | { readonly kind: 'drop_after' }
  /** Its answer comes late. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /**
   * Its answer stays in the proxy until the test calls `release`: whatever must happen
   * while an exchange is under way happens then, at any speed.
   */
  | { readonly kind: 'hold' }
  /** Its answer stops after that many bytes of the body until `release`. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Its answer comes byte by byte with a pause before each. */
  | { readonly kind: 'drip'; readonly milliseconds: number }
  /** The request reaches it once more, and one of the two answers comes back. */
  | { readonly kind: 'duplicate'; readonly answer: 'first' | 'second' }
  /** Its answer is changed on the way. */
  | { readonly kind: 'rewrite'; readonly rewrite: (answer: ProxiedAnswer) => ProxiedAnswer }

const JSON_TYPE = { 'content-type': 'application/json' }

/** An answer in place of the issuer's: a JSON error. */
function jsonError(status: number, error: string, headers: Record<string, string> = {}): Fault {
  return {
    kind: 'answer',
    answer: () => ({
      status,
      headers: { ...JSON_TYPE, ...headers },
      body: JSON.stringify({ error }),
    }),
  }
}

/** The issuer acts, and somebody on the way back puts an error of his own in place of its answer. */
function errorAfter(status: number): Fault {
  return {
    kind: 'rewrite',
    rewrite: () => ({
      status,
      headers: { 'content-type': 'text/html' },
      body: `<h1>${status}</h1>`,
    }),
  }
}

/**
 * A redirect of the token request, body and all.
 *
 * @param acts Whether the issuer has acted before, default false.
 */
export function redirectTo(location: string, acts = false): Fault {
  const answer = (): ProxiedAnswer => ({ status: 307, headers: { location }, body: '' })
  return acts ? { kind: 'rewrite', rewrite: answer } : { kind: 'answer', answer }
}

/** Faults that have names; every one of them was met in the wild or is one step from it. */
export const FAULTS = {
  dropBefore: { kind: 'drop_before' },
  dropAfter: { kind: 'drop_after' },
  serverError: jsonError(500, 'server_error'),
  unavailable: jsonError(503, 'temporarily_unavailable', { 'retry-after': '7' }),
  tooManyRequests: jsonError(429, 'too_many_requests', { 'retry-after': '11' }),
  /** A captive portal. */
  html: {
    kind: 'answer',
    answer: () => ({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<h1>captive portal</h1>',
    }),
  },
  /** How glewlwyd refuses a refresh token. */
  empty400: { kind: 'answer', answer: () => ({ status: 400, headers: {}, body: '' }) },
  /** How GitHub refuses a refresh token. */
  error200: jsonError(200, 'bad_refresh_token'),
  redirect: redirectTo('http://127.0.0.1:9/token'),
  /** The issuer rotates, and a gateway in between breaks down on the way back. */
  serverErrorAfter: errorAfter(500),
  unavailableAfter: errorAfter(503),
  /** A network that delivers a request twice. */
  duplicate: { kind: 'duplicate', answer: 'first' },
  slowDrip: { kind: 'drip', milliseconds: 1 },
  /** The issuer rotates, and its answer loses the last brace. */
  malformed: {
    kind: 'rewrite',
    rewrite: (answer) => ({ ...answer, body: answer.body.slice(0, -1) }),
  },
  /** The issuer rotates, and the connection dies before the last bytes; the refresh token came through. */
  truncated: {
    kind: 'rewrite',
    rewrite: (answer) => ({ ...answer, cutAfterBytes: Buffer.byteLength(answer.body) - 4 }),
  },
  /** The issuer rotates, and the answer is not one openid-client accepts. */
  noTokenType: {
    kind: 'rewrite',
    rewrite: (answer) => ({ ...answer, body: answer.body.replace('"token_type"', '"token_kind"') }),
  },
  /** An error whose every member repeats the refresh token of the request. */
  leakyError: {
    kind: 'answer',
    answer: (form) => {
      const token = form.get('refresh_token') ?? ''
      return {
        status: 400,
        headers: JSON_TYPE,
        body: JSON.stringify({
          error: token,
          error_description: token,
          refresh_token: token,
          more: { token },
        }),
      }
    },
  },
} as const satisfies Readonly<Record<string, Fault>>
