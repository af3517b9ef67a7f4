import { PassThrough } from 'node:stream'
import { connectTo } from '../../cli/connect.ts'
import type { Input, Interrupt, Listener, Output, Timers, World } from '../../cli/world.ts'

/** What a test may choose. */
export interface FakeWorldOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly platform?: NodeJS.Platform
  readonly nodeVersion?: string
  /** What stands on stdin; undefined leaves it open and silent. */
  readonly stdin?: string
  /** True when a person sits at all three. */
  readonly isTerminal?: boolean
  /** What runs; default is nothing that is there. */
  readonly program?: World['program']
  /** Where the sockets are. */
  readonly socketPath?: (listener: Listener) => string
}

/** Output that is kept. */
class Kept implements Output {
  readonly isTTY: boolean
  text = ''

  constructor(isTTY: boolean) {
    this.isTTY = isTTY
  }

  write(text: string): void {
    this.text += text
  }
}

/** Time that moves with sleeping and ticking only; local time is an hour ahead of UTC. */
class FakeTimers implements Timers {
  readonly slept: number[] = []
  readonly #ticks = new Set<() => void>()
  #now = Date.UTC(2030, 0, 1)

  now(): number {
    return this.#now
  }

  offsetMinutes(): number {
    return 60
  }

  every(_ms: number, tick: () => void): () => void {
    this.#ticks.add(tick)
    return () => this.#ticks.delete(tick)
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms)
    this.#now += Math.max(0, ms)
  }

  /** A second goes by. */
  tick(): void {
    this.#now += 1000
    for (const tick of this.#ticks) tick()
  }

  get ticking(): number {
    return this.#ticks.size
  }
}

/** A whole world in memory; the connection to the daemon alone is a real one. */
export class FakeWorld implements World {
  readonly env: Readonly<Record<string, string>>
  readonly platform: NodeJS.Platform
  readonly nodeVersion: string
  readonly uid: number
  readonly program: World['program']
  readonly stdin: Input
  readonly stdout: Kept
  readonly stderr: Kept
  readonly timers = new FakeTimers()
  readonly started: string[][] = []
  /** Each change of the terminal's mode: true for raw. */
  readonly modes: boolean[] = []
  readonly #interrupts = new Set<(signal: Interrupt) => void>()
  readonly #socketPath: (listener: Listener) => string

  constructor(options: FakeWorldOptions = {}) {
    const isTerminal = options.isTerminal ?? false
    this.env = options.env ?? {}
    this.platform = options.platform ?? 'linux'
    this.uid = options.uid ?? process.getuid?.() ?? -1
    this.nodeVersion = options.nodeVersion ?? '22.1.0'
    this.program = options.program ?? { node: '/nonexistent/node', script: '/nonexistent/main.js' }
    const stdin = new PassThrough()
    if (options.stdin !== undefined) stdin.end(options.stdin)
    const setRawMode = (isRaw: boolean) => this.modes.push(isRaw)
    this.stdin = Object.assign(stdin, { isTTY: isTerminal, ...(isTerminal && { setRawMode }) })
    this.stdout = new Kept(isTerminal)
    this.stderr = new Kept(isTerminal)
    this.#socketPath = options.socketPath ?? ((listener) => `/nonexistent/${listener}.sock`)
  }

  socketPath(listener: Listener): string {
    return this.#socketPath(listener)
  }

  connect(listener: Listener): ReturnType<World['connect']> {
    return connectTo(this.socketPath(listener))
  }

  onInterrupt(call: (signal: Interrupt) => void): () => void {
    this.#interrupts.add(call)
    return () => this.#interrupts.delete(call)
  }

  async start(program: string, args: readonly string[]): Promise<void> {
    this.started.push([program, ...args])
  }

  /** A signal arrives. */
  interrupt(signal: Interrupt): void {
    for (const call of this.#interrupts) call(signal)
  }

  get listening(): number {
    return this.#interrupts.size
  }
}
