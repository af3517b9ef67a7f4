import { socketPaths } from '@grantd/client/connection'
import { connectTo } from './connect.ts'
import { processTimers } from './process-timers.ts'
import type { Interrupt, Listener, Output, World } from './world.ts'

const INTERRUPTS: readonly Interrupt[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** What the command needs of `process`. */
export type Process = Pick<
  NodeJS.Process,
  | 'argv'
  | 'env'
  | 'execPath'
  | 'exit'
  | 'getuid'
  | 'off'
  | 'on'
  | 'platform'
  | 'stderr'
  | 'stdin'
  | 'stdout'
  | 'versions'
>

/** The real world of the command. */
export function processWorld(process: Process): World {
  return {
    env: process.env,
    platform: process.platform,
    nodeVersion: process.versions.node,
    uid: process.getuid?.() ?? -1,
    program: { node: process.execPath, script: process.argv[1] ?? '' },
    // A getter, as a look at standard input opens it.
    get stdin() {
      return process.stdin
    },
    stdout: output(process, process.stdout),
    stderr: output(process, process.stderr),
    timers: processTimers,
    socketPath,
    connect: (listener) => connectTo(socketPath(listener)),
    onInterrupt: (call) => onInterrupt(process, call),
    start: async (program, args) =>
      (await import('./start-program.ts')).startProgram(program, args),
  }
}

function socketPath(listener: Listener): string {
  return socketPaths()[listener]
}

/** A reader that went away, as `head` does, ends the command without a word; a full disk with one. */
function output(process: Process, stream: NodeJS.WriteStream): Output {
  stream.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE' && stream !== process.stderr) {
      process.stderr.write(`grantd: cannot write: ${code}\n`)
    }
    process.exit(1)
  })
  // A pipe has no such member, whatever its type says.
  const isTTY = 'isTTY' in stream && stream.isTTY
  return { isTTY, write: (text) => void stream.write(text) }
}

function onInterrupt(process: Process, call: (signal: Interrupt) => void): () => void {
  const stop = (): void => {
    for (const name of INTERRUPTS) process.off(name, first)
  }
  const first = (name: NodeJS.Signals): void => {
    stop()
    call(name as Interrupt)
  }
  for (const name of INTERRUPTS) process.on(name, first)
  return stop
}
