import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'

/** The one place a browser may come back to, RFC 8252 §7.3. */
const CALLBACK_PATH = '/callback'

/** Longest head of a request in bytes: a code and its state are far shorter. */
const MAX_HEAD_BYTES = 16_384

/** A browser sends its head at once; whoever takes longer only holds the port. */
const HEAD_DEADLINE_MS = 5_000

/** More connections than any browser opens for one page. */
const MAX_CONNECTIONS = 64

const HEADERS = {
  'cache-control': 'no-store',
  connection: 'close',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** A listener on 127.0.0.1 that waits for one authorization response. */
export interface LoopbackReceiver {
  /** `http://127.0.0.1:port/callback`. */
  readonly redirectUri: string
  /** The first callback with the right state; stays pending until then. */
  readonly received: Promise<URL>
  /** Stops listening and ends every connection. */
  close(): void
}

/**
 * Opens a listener on a random port for one login, RFC 8252 §8.3.
 *
 * Any program of the machine can reach it, so nothing but the right state ends
 * the wait: other paths, methods, hosts and states get an error page and change
 * nothing. The page says nothing about the login, and nothing is logged.
 *
 * @param state The unguessable `state` of the authorization request.
 */
export async function openLoopbackReceiver(state: string): Promise<LoopbackReceiver> {
  const { promise: received, resolve } = withResolver<URL>()
  let origin = ''
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: HEAD_DEADLINE_MS,
      requestTimeout: HEAD_DEADLINE_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      const callback = readCallback(request, origin, state)
      const isOurs = typeof callback !== 'number'
      response.writeHead(isOurs ? 200 : callback, HEADERS)
      response.end(
        page(isOurs ? 'Return to the terminal. You can close this page.' : 'Nothing here.'),
      )
      if (isOurs) resolve(callback)
    },
  )
  server.maxConnections = MAX_CONNECTIONS
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  origin = `http://127.0.0.1:${port}`
  return {
    redirectUri: origin + CALLBACK_PATH,
    received,
    close() {
      server.close()
      // The page that was just answered still has to reach the browser.
      setTimeout(() => server.closeAllConnections(), 1_000).unref()
    },
  }
}

/** The callback, or the status of the refusal. */
function readCallback(request: IncomingMessage, origin: string, state: string): URL | number {
  // A page of another site that lured the browser here names another host (DNS rebinding).
  if (`http://${request.headers.host}` !== origin) return 400
  const target = request.url ?? ''
  if (!target.startsWith('/') || !URL.canParse(origin + target)) return 404
  const url = new URL(origin + target)
  if (url.pathname !== CALLBACK_PATH) return 404
  if (request.method !== 'GET') return 405
  const states = url.searchParams.getAll('state')
  return states.length === 1 && isSame(states[0] ?? '', state) ? url : 400
}

/** Compares in constant time: the state is the only thing that keeps others out. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}

function page(text: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>grantd</title></head><body><p>${text}</p></body></html>\n`
}

function withResolver<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
