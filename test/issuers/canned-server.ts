import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** One answer, written as it is. */
export interface CannedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** A request a canned server saw. */
export interface CannedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly form: URLSearchParams
}

/** A server on 127.0.0.1 that answers what it is told: for answers no honest issuer gives. */
export interface CannedServer {
  readonly origin: string
  readonly requests: readonly CannedRequest[]
  close(): Promise<void>
}

/** @param answer Called for each request; `undefined` drops the connection. */
export async function startCannedServer(
  answer: (request: CannedRequest) => CannedAnswer | undefined,
): Promise<CannedServer> {
  const requests: CannedRequest[] = []
  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
    const { method = '', url = '', headers } = incoming
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    const request = { method, path: url, headers, form }
    requests.push(request)
    const said = answer(request)
    if (said === undefined) {
      incoming.socket.destroy()
      return
    }
    outgoing.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...said.headers })
    outgoing.end(said.body)
  }
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
