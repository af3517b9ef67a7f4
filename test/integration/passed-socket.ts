import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'

const PROGRAM = join(import.meta.dirname, 'pass-socket.js')

/** A connection that is in other hands than those that made it. */
export interface PassedSocket {
  /** Whom the kernel will name. */
  readonly connector: ChildProcess
  /** Has whoever holds it ask for a token; the whole answer, or nothing. */
  readonly ask: () => Promise<string>
}

/**
 * Has a process connect to a socket and pass the connection on.
 *
 * @param fate The process stays; without it, it is on its way out.
 */
export async function passSocket(
  t: Test,
  socketPath: string,
  ...fate: 'stay'[]
): Promise<PassedSocket> {
  const go = join(t.testdir(), 'go')
  const connector = spawn(process.execPath, [PROGRAM, socketPath, go, ...fate], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  })
  t.teardown(() => {
    connector.kill('SIGKILL')
    connector.stdout.destroy()
  })
  let text = ''
  const output = connector.stdout.setEncoding('utf8')
  output.on('data', (part: string) => {
    text += part
  })
  const closed = once(output, 'close')
  while (!text.includes('passed\n')) {
    await Promise.race([once(output, 'data'), closed])
    if (output.closed) throw new Error('nothing was passed on')
  }
  return {
    connector,
    async ask() {
      writeFileSync(go, '')
      // whoever stays keeps the pipe open
      while (!/\r\n\r\n[\s\S]*\}/.test(text) && !output.closed)
        await Promise.race([once(output, 'data'), closed])
      return text.replace('passed\n', '')
    },
  }
}
