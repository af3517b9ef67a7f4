import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import type { Test } from 'tap'

/** A program that whoever connects first makes of the one who listens. */
export interface Activated {
  /** What it wrote to its standard error so far. */
  errors(): string
  /** Resolves with its exit status, or the signal that killed it. */
  readonly ended: Promise<number | string>
  kill(signal: NodeJS.Signals): void
}

/**
 * Binds sockets as a service manager does, and lets whoever connects start a program with them.
 *
 * @param sockets Paths with the names they are handed over under; descriptors go in this order.
 */
export async function activated(
  t: Test,
  sockets: readonly (readonly [path: string, name: string])[],
  program: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Activated> {
  for (const [path] of sockets) rmSync(path, { force: true })
  const child: ChildProcess = spawn(
    'systemd-socket-activate',
    [
      ...sockets.map(([path]) => `--listen=${path}`),
      `--fdname=${sockets.map(([, name]) => name).join(':')}`,
      ...Object.keys(environment).map((name) => `--setenv=${name}`),
      ...program,
    ],
    { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  // to connect would be to start the program
  while (sockets.some(([path]) => !text.includes(`Listening on ${path} as`)))
    await Promise.race([
      child.stderr && once(child.stderr, 'data'),
      ended.then((status) => Promise.reject(new Error(`ended with ${status}: ${text}`))),
    ])
  return { errors: () => text, ended, kill: (signal) => void child.kill(signal) }
}
