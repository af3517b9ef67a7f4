import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an answer looks like on its way back through the proxy. */
interface ProxiedAnswer {
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
  /** The issuer acts, and its answer is lost. */
  | { readonly kind: 'drop_after' }
  /** The issuer acts, and its answer comes late. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /**
   * The issuer acts, and its answer stays in the proxy until the test calls `release`:
   * whatever must happen while an exchange is under way happens then, at any speed.
   */
  | { readonly kind: 'hold' }
  /** The issuer never acts; this is answered in its place. */
  | { readonly kind: 'answer'; readonly answer: (form: URLSearchParams) => ProxiedAnswer }
  /** The issuer acts, and its answer is changed on the way. */
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
  redirect: {
    kind: 'answer',
    answer: () => ({ status: 307, headers: { location: 'http://127.0.0.1:9/token' }, body: '' }),
  },
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

/** A proxy on 127.0.0.1 in front of one server on 127.0.0.1, honest until told otherwise. */
export interface FaultyProxy {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly origin: string
  /** Where requests go; requests before the first call are answered 502. */
  forwardTo(port: number): void
  /**
   * The next requests to a path go wrong; faults queue up in the order of the calls.
   *
   * @param times How many requests, default 1.
   * @param path Default `/token`.
   */
  next(fault: Fault, times?: number, path?: string): void
  /** Takes back every fault that has not happened yet; what is held stays held. */
  heal(): void
  /** The form of every request to a path so far, whatever became of it. */
  asked(path: string): readonly URLSearchParams[]
  /**
   * Resolves once the issuer has acted and the proxy holds its answers.
   *
   * @param count How many answers at least, default 1.
   */
  held(count?: number): Promise<void>
  /** Sends every answer that is held on its way; a later `hold` holds again. */
  release(): void
  close(): Promise<void>
}

/** Starts a proxy that forwards `Host`, so that an issuer behind it knows itself by the proxy's address. */
export async function startFaultyProxy(): Promise<FaultyProxy> {
  let target: number | undefined
  const seen: { readonly path: string; readonly form: URLSearchParams }[] = []
  const releases: (() => void)[] = []
  const holds = new EventEmitter<{ hold: [] }>()
  let queue: { readonly fault: Fault; readonly path: string }[] = []

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readAll(incoming)
    const path = new URL(incoming.url ?? '/', 'http://proxy').pathname
    seen.push({ path, form: new URLSearchParams(body.toString()) })
    const at = queue.findIndex((planned) => planned.path === path)
    const fault = at < 0 ? undefined : queue.splice(at, 1)[0]?.fault
    if (fault?.kind === 'drop_before') {
      incoming.socket.destroy()
      return
    }
    if (fault?.kind === 'answer') {
      reply(outgoing, fault.answer(new URLSearchParams(body.toString())))
      return
    }
    if (target === undefined) {
      reply(outgoing, { status: 502, headers: {}, body: 'nothing behind the proxy' })
      return
    }
    const answer = await forward(target, incoming, body)
    if (fault?.kind === 'drop_after') {
      incoming.socket.destroy()
      return
    }
    if (fault?.kind === 'delay') {
      await new Promise((resolve) => setTimeout(resolve, fault.milliseconds))
    }
    if (fault?.kind === 'hold') {
      await new Promise<void>((resolve) => {
        releases.push(resolve)
        holds.emit('hold')
      })
    }
    reply(outgoing, fault?.kind === 'rewrite' ? fault.rewrite(answer) : answer)
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo(port) {
      target = port
    },
    next(fault, times = 1, path = '/token') {
      for (let i = 0; i < times; i++) queue.push({ fault, path })
    },
    heal() {
      queue = []
    },
    asked: (path) => seen.filter((each) => each.path === path).map(({ form }) => form),
    async held(count = 1) {
      while (releases.length < count) await once(holds, 'hold')
    },
    release() {
      for (const release of releases.splice(0)) release()
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function forward(
  port: number,
  incoming: IncomingMessage,
  body: Buffer,
): Promise<ProxiedAnswer> {
  const onward = request({
    port,
    host: '127.0.0.1',
    method: incoming.method,
    path: incoming.url,
    headers: incoming.headers,
    agent: false,
  })
  onward.end(body)
  const [answer] = (await once(onward, 'response')) as [IncomingMessage]
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(answer.headers)) {
    if (name === 'set-cookie' || value === undefined) continue
    headers[name] = String(value)
  }
  const cookies = answer.headers['set-cookie']
  const text = (await readAll(answer)).toString('utf8')
  return {
    status: answer.statusCode ?? 502,
    headers: cookies === undefined ? headers : { ...headers, 'set-cookie': cookies.join('\n') },
    body: text,
  }
}

function reply(outgoing: ServerResponse, answer: ProxiedAnswer): void {
  const body = Buffer.from(answer.body)
  for (const [name, value] of Object.entries(answer.headers)) {
    if (['connection', 'transfer-encoding', 'content-length', 'keep-alive'].includes(name)) continue
    outgoing.setHeader(name, name === 'set-cookie' ? value.split('\n') : value)
  }
  outgoing.statusCode = answer.status
  outgoing.setHeader('content-length', body.length)
  if (answer.cutAfterBytes === undefined) {
    outgoing.end(body)
    return
  }
  outgoing.write(body.subarray(0, answer.cutAfterBytes), () => outgoing.destroy())
}
