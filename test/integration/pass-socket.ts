import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/*
 * node pass-socket.js SOCKET GO [stay]
 *
 * Connects, hands the connection to a process it starts, and ends, or stays. Once the file
 * GO is there that process asks for a token and prints the answer.
 */
const [socketPath = '', go = '', fate = ''] = process.argv.slice(2)

const REQUEST = [
  'POST /v1/token HTTP/1.1',
  'Host: grantd',
  'Grantd-Client: test/1',
  'Content-Type: application/json',
  'Content-Length: 16',
  'Connection: close',
  '',
  '{"grant":"work"}',
].join('\r\n')

if (process.send === undefined) {
  const socket = connect(socketPath, () => {
    const holder = fork(fileURLToPath(import.meta.url), [socketPath, go], { detached: true })
    holder.send('yours', socket, { keepOpen: true })
    holder.once('message', () => {
      process.stdout.write('passed\n')
      if (fate !== 'stay') process.exit()
    })
  })
  // the answer is for the other one
  socket.pause()
} else {
  process.once('message', (_message, socket: Socket) => void hold(socket))
}

async function hold(socket: Socket): Promise<void> {
  socket.on('data', (part) => process.stdout.write(part))
  socket.on('error', () => undefined)
  socket.on('close', () => process.exit())
  process.send?.('mine')
  while (!existsSync(go)) await setTimeout(10)
  socket.write(REQUEST)
}
