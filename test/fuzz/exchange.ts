import { connect } from 'node:net'
import { seededRandom } from '../torture/random.ts'

/** What a daemon did with the bytes it got. */
export interface Exchange {
  /** Each byte one character. */
  readonly answer: string
  /** False when the connection still stood at the deadline. */
  readonly isClosed: boolean
}

/** A daemon's own deadlines are 5 s for a head and 10 s for a request. */
const DEADLINE_MS = 15_000

const MOST_WRITES = 5

/**
 * Sends bytes over a connection of their own, in some writes, and leaves: by an end, after
 * which answers may still come, or by hanging up. How, the bytes themselves decide, so that
 * the same come the same way again.
 */
export async function exchange(socketPath: string, input: Buffer): Promise<Exchange> {
  const random = seededRandom(input.reduce((sum, byte) => Math.imul(sum, 31) + byte, input.length))
  const writes = 1 + Math.floor(random() * MOST_WRITES)
  const ends = Array.from({ length: writes - 1 }, () => Math.floor(random() * input.length))
  const hangsUp = random() < 0.1
  const socket = connect({ path: socketPath })
  let answer = ''
  let isClosed = true
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text
  })
  // a daemon may close before it has read everything
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  const tooLong = setTimeout(() => {
    isClosed = false
    socket.destroy()
  }, DEADLINE_MS)
  let at = 0
  for (const end of [...ends.sort((one, other) => one - other), input.length]) {
    if (end > at) socket.write(input.subarray(at, end))
    at = end
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  if (hangsUp) socket.destroy()
  else socket.end()
  await closed
  clearTimeout(tooLong)
  return { answer, isClosed }
}
