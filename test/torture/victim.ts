import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Preload } from '../integration/world.ts'
import { BEGIN, type CrashPoint, type Order, type Seen } from './crash-point.ts'

/** A daemon that can be told when to die, one process after the other in the same home. */
export interface Victim {
  /** What a world loads into each of its daemons. */
  readonly preload: Preload
  /** An operation begins: its trace is empty, and the daemon will die at that point, if there is one. */
  begin(point?: CrashPoint): Promise<void>
  /** Resolves once its wall clock is ahead by so many seconds more. */
  advance(seconds: number): Promise<void>
  /** What the newest daemon did since `begin`; all of it, once `gone` has resolved. */
  trace(): readonly Seen[]
  /** Resolves with the signal when the newest daemon is dead and its trace was read to the end. */
  gone(): Promise<NodeJS.Signals | null>
}

/** Makes one for one world. */
export function createVictim(): Victim {
  let child: ChildProcess | undefined
  let seen: readonly Seen[] = []
  let end: Promise<NodeJS.Signals | null> = Promise.resolve(null)

  async function tell(order: Order): Promise<void> {
    if (child === undefined) throw new TypeError('no daemon was started')
    const done = once(child, 'message')
    child.send(order)
    await done
  }

  return {
    preload: {
      module: new URL('./preload.js', import.meta.url).href,
      launched(daemon) {
        const mine: Seen[] = []
        child = daemon
        seen = mine
        end = ended(daemon, readTrace(daemon.stdio[3] as Readable, mine))
      },
    },
    begin: (point) => tell({ kind: 'begin', ...(point && { point }) }),
    advance: (seconds) => tell({ kind: 'advance', seconds }),
    trace: () => seen,
    gone: () => end,
  }
}

async function ended(daemon: ChildProcess, trace: Promise<void>): Promise<NodeJS.Signals | null> {
  const exited = once(daemon, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const [[, signal]] = await Promise.all([exited, trace])
  return signal
}

/** A kill can cut the last line short; what it would have said did not happen. */
async function readTrace(stream: Readable, seen: Seen[]): Promise<void> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const said = JSON.parse(line) as Seen | typeof BEGIN
      if (said === BEGIN) seen.length = 0
      else seen.push(said)
    }
  }
}
