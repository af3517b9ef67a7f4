import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The part of a tap test that cleans up. */
interface Teardown {
  teardown(fn: () => unknown): void
}

/** A directory of mode 0700, removed after the test. */
export function socketDirectory(t: Teardown): string {
  const directory = mkdtempSync(join(tmpdir(), 'grantd-sdk-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A server of bytes on a Unix socket: `onSocket` gets every connection with its number, from 0. */
export async function rawServer(
  t: Teardown,
  onSocket: (socket: Socket, index: number) => void,
  path = join(socketDirectory(t), 'broker.sock'),
): Promise<{ readonly path: string; readonly sockets: readonly Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    onSocket(socket, sockets.push(socket) - 1)
  })
  await listen(server, path)
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { path, sockets }
}

/** An HTTP server on a Unix socket. */
export async function httpServer(
  t: Teardown,
  onRequest: RequestListener,
  path = join(socketDirectory(t), 'broker.sock'),
): Promise<{ readonly path: string; readonly server: Server }> {
  const server = createHttpServer(onRequest)
  await listen(server, path)
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { path, server }
}

function listen(server: NetServer, path: string): Promise<void> {
  return new Promise((resolve) => server.listen(path, resolve))
}

/** Bytes of an answer with a JSON body. */
export function answer(value: unknown, status = 200, headers = ''): string {
  const body = JSON.stringify(value)
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  return `HTTP/1.1 ${status} X\r\nContent-Type: ${type}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** A token answer of the wire. */
export function tokenAnswer(accessToken: string) {
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'repo:read',
    grant: 'work',
    generation: 1,
  }
}

/** How many requests the bytes of a connection hold. */
export function countRequests(bytes: string): number {
  return bytes.split(' HTTP/1.1\r\n').length - 1
}
