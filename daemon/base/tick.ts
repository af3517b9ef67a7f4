import type { Clock } from './clock.ts'
import { type ClockReading, ClockWatch } from './clock-watch.ts'
import type { Log } from './log.ts'

/**
 * How often the daemon looks at what time has done: no timer of ours waits for days, so
 * none overflows, and none sleeps through a suspend by more than this.
 */
export const TICK_MS = 30_000

/** Something that is done now and then. */
export interface TickTask {
  /** A word for the log. */
  readonly name: string
  /** @param seen What the clocks did since this task last began. */
  readonly run: (seen: ClockReading) => Promise<void>
}

interface Runner {
  readonly task: TickTask
  seen: ClockReading
  running: Promise<void> | undefined
}

const NOTHING: ClockReading = { elapsedMs: 0, jumpMs: 0 }

/**
 * Runs tasks every 30 s. Each fails alone, and is logged; one that still runs is left out
 * and told at its next turn what the clocks did meanwhile.
 */
export class Tick {
  readonly #log: Log
  readonly #watch: ClockWatch
  readonly #runners: readonly Runner[]
  #timer: NodeJS.Timeout | undefined

  constructor(options: {
    readonly clock: Clock
    readonly log: Log
    readonly tasks: readonly TickTask[]
  }) {
    this.#log = options.log
    this.#watch = new ClockWatch(options.clock)
    this.#runners = options.tasks.map((task) => ({ task, seen: NOTHING, running: undefined }))
  }

  /** Runs everything now, and from now on every 30 s. */
  start(): void {
    this.#timer ??= setInterval(() => this.beat(), TICK_MS)
    this.beat()
  }

  /** One round. Returns at once. */
  beat(): void {
    const { elapsedMs, jumpMs } = this.#watch.look()
    for (const runner of this.#runners) {
      const { seen } = runner
      runner.seen = { elapsedMs: seen.elapsedMs + elapsedMs, jumpMs: seen.jumpMs + jumpMs }
      runner.running ??= this.#run(runner)
    }
  }

  /** Begins nothing any more, and waits for what is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const { running } of this.#runners) await running
  }

  async #run(runner: Runner): Promise<void> {
    const { task, seen } = runner
    runner.seen = NOTHING
    try {
      await task.run(seen)
    } catch (error) {
      this.#log.error(`"${task.name}" failed and is tried again`, error)
    } finally {
      runner.running = undefined
    }
  }
}
