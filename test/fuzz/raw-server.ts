import { once } from 'node:events'
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { seededRandom } from '../torture/random.ts'

/** Answers the next request with bytes that need be no answer. */
export interface RawServer {
  readonly port: number
  /** How often somebody asked. */
  readonly asked: () => number
  answerWith(bytes: Buffer): void
  close(): Promise<void>
}

const MOST_WRITES = 4

/**
 * True where the connection is cut off behind the bytes, which may take some of them along.
 * The bytes themselves decide, so that the same come the same way again.
 */
export function hangsUp(bytes: Buffer): boolean {
  return randomOf(bytes)() < 0.1
}

/** Reads a request to its end, answers it in some writes, and leaves. */
export async function startRawServer(where: ListenOptions): Promise<RawServer> {
  let bytes: Buffer = Buffer.alloc(0)
  let asked = 0
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    let request = ''
    // who asks may have seen enough
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    socket.on('end', () => void socket.end())
    socket.setEncoding('latin1').on('data', (text: string) => {
      request += text
      if (!isWhole(request)) return
      request = ''
      asked += 1
      void answer(socket, bytes)
    })
  })
  server.listen(where)
  await once(server, 'listening')
  return {
    port: portOf(server),
    asked: () => asked,
    answerWith(next) {
      bytes = next
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(socket: Socket, bytes: Buffer): Promise<void> {
  const random = randomOf(bytes)
  const isCutOff = random() < 0.1
  const writes = Math.floor(random() * MOST_WRITES)
  const ends = Array.from({ length: writes }, () => Math.floor(random() * bytes.length))
  let at = 0
  for (const end of [...ends.sort((one, other) => one - other), bytes.length]) {
    if (end > at) socket.write(bytes.subarray(at, end))
    at = end
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  if (isCutOff) socket.destroy()
  else socket.end()
}

function randomOf(bytes: Buffer): () => number {
  return seededRandom(bytes.reduce((sum, byte) => Math.imul(sum, 31) + byte, bytes.length))
}

function isWhole(request: string): boolean {
  const head = request.indexOf('\r\n\r\n')
  const length = /^content-length: *(\d+)\r$/im.exec(request)?.[1] ?? '0'
  return head >= 0 && request.length >= head + 4 + Number(length)
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
