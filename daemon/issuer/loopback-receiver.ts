import { timingSafeEqual } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tokenHash } from '../base/token-hash.ts'

/** The one place a browser may come back to, RFC 8252 §7.3. */
const CALLBACK_PATH = '/callback'

/** Longest head of a request in bytes: a code and its state are far shorter. */
const MAX_HEAD_BYTES = 16_384

/** A browser sends its head at once; whoever takes longer only holds a connection. */
const HEAD_DEADLINE_MS = 2_000

/** How often the deadline is looked at, in milliseconds. */
const DEADLINE_CHECK_MS = 500

/**
 * Connections without a head that are kept: more than any browser opens for one page. The
 * oldest makes room for the next, so that nobody who only holds connections keeps the
 * person out.
 */
export const MAX_SILENT_CONNECTIONS = 64

/** Time in milliseconds for the last page to reach the browser. */
const LAST_PAGE_MS = 1_000

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
  /** The first callback with the right state; `undefined` when it was closed before one came. */
  readonly received: Promise<URL | undefined>
  /**
   * Stops listening, and keeps neither a connection nor the process; after a callback there
   * is nothing left to do, and its last page has a second to arrive.
   */
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
 * @param lifetimeSeconds It closes by itself after that, 1 to 3600.
 */
export async function openLoopbackReceiver(
  state: string,
  lifetimeSeconds: number,
): Promise<LoopbackReceiver> {
  const arrivals = new EventEmitter<{ end: [URL | undefined] }>()
  const silent = new Set<Socket>()
  let origin = ''
  let isOver = false
  function end(callback?: URL): void {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    arrivals.emit('end', callback)
    server.close()
    for (const socket of silent) socket.destroy()
    if (callback === undefined) server.closeAllConnections()
    else setTimeout(() => server.closeAllConnections(), LAST_PAGE_MS).unref()
  }
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: HEAD_DEADLINE_MS,
      requestTimeout: HEAD_DEADLINE_MS,
      connectionsCheckingInterval: DEADLINE_CHECK_MS,
    },
    (request, response) => {
      silent.delete(request.socket)
      const callback = readCallback(request, origin, state)
      const isOurs = typeof callback !== 'number'
      response.writeHead(isOurs ? 200 : callback, HEADERS)
      response.end(
        page(isOurs ? 'Return to the terminal. You can close this page.' : 'Nothing here.'),
      )
      if (isOurs) end(callback)
    },
  )
  server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
    const [oldest] = silent
    if (oldest === undefined || silent.size <= MAX_SILENT_CONNECTIONS) return
    silent.delete(oldest)
    oldest.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const timer = setTimeout(end, lifetimeSeconds * 1000).unref()
  const received = once(arrivals, 'end').then(([callback]) => callback as URL | undefined)
  return {
    redirectUri: origin + CALLBACK_PATH,
    received,
    close: () => end(),
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
  return timingSafeEqual(Buffer.from(tokenHash(given)), Buffer.from(tokenHash(expected)))
}

function page(text: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>grantd</title></head><body><p>${text}</p></body></html>\n`
}
