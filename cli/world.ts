import type { Readable } from 'node:stream'

/** Which of the daemon's sockets a command talks to. */
export type Listener = 'broker' | 'admin'

/** One request to the daemon. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** Milliseconds until the caller gives up; default is the connection's own. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** True: never sent twice, as doing it twice would do more. Default false. */
  readonly once?: boolean
}

/**
 * The daemon at the other end of one socket. Rejects with `GrantdError` when it
 * refuses and with `GrantdUnreachableError` when it does not answer.
 */
export interface Connection {
  request(call: Call): Promise<unknown>
}

/** Where a command prints. */
export interface Output {
  readonly isTTY: boolean
  write(text: string): void
}

/** Standard input; whoever reads it all is the only one who reads it. */
export type Input = Readable & {
  readonly isTTY?: boolean
  /** A terminal's: raw, it shows nothing of what is typed and makes no signals of keys. */
  setRawMode?(isRaw: boolean): unknown
}

/** Time as the commands see it. */
export interface Timers {
  /** Wall time in milliseconds since the epoch. */
  now(): number
  /** Minutes that local time is ahead of UTC at `atMs`. */
  offsetMinutes(atMs: number): number
  /** Calls `tick` every `ms` milliseconds until the returned function is called. */
  every(ms: number, tick: () => void): () => void
  /** Ends early when `signal` is aborted, and at once when `ms` is not positive. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** A signal that asks the command to end. */
export type Interrupt = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** Everything outside of a command, handed to it in one piece, so that a test can hand in another. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** Version of Node without a `v`. */
  readonly nodeVersion: string
  /** User id of this process. */
  readonly uid: number
  /** Paths of Node and of the command, as they were started. */
  readonly program: { readonly node: string; readonly script: string }
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly timers: Timers
  /** Path of a socket of the daemon. */
  socketPath(listener: Listener): string
  connect(listener: Listener): Connection
  /** Calls back at the first signal only: the second one ends the process the usual way. */
  onInterrupt(call: (signal: Interrupt) => void): () => void
  /** Starts a program without a shell, and does not wait for it. */
  start(program: string, args: readonly string[]): Promise<void>
}
