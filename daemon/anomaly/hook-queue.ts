import type { Anomaly } from '@grantd/client/protocol'
import { asciiJson } from '../audit/ascii-json.ts'
import type { Log } from '../base/log.ts'

/** How hooks are run. */
export interface HookQueueOptions {
  /** What is to be run now; `undefined` for nothing. */
  readonly command: () => readonly string[] | undefined
  /** @returns What went wrong; `undefined` when nothing did. */
  readonly run: (
    command: readonly string[],
    input: string,
    signal: AbortSignal,
  ) => Promise<string | undefined>
  readonly deadlineMs: number
  /** How many anomalies may wait for their turn. */
  readonly mostWaiting: number
  readonly log: Pick<Log, 'warn'>
}

/** Tells a program of anomalies, one at a time. Nobody waits for it, and nothing depends on it. */
export class HookQueue {
  readonly #options: HookQueueOptions
  readonly #ending = new AbortController()
  #waiting: Anomaly[] = []
  #work: Promise<void> | undefined
  #failed = 0
  #dropped = 0

  constructor(options: HookQueueOptions) {
    this.#options = options
  }

  /** True while one is told, or waits to be. */
  get isBusy(): boolean {
    return this.#work !== undefined
  }

  /** Runs that did not end well. */
  get failed(): number {
    return this.#failed
  }

  /** Anomalies of which the program was not told, as too many waited. */
  get dropped(): number {
    return this.#dropped
  }

  /** Returns at once. */
  push(anomaly: Anomaly): void {
    const { command, mostWaiting, log } = this.#options
    if (this.#ending.signal.aborted || command() === undefined) return
    if (this.#waiting.length >= mostWaiting) {
      this.#dropped += 1
      log.warn('the hook is too slow, and was not told of an anomaly', { event: anomaly.event })
      return
    }
    this.#waiting.push(anomaly)
    this.#work ??= this.#runAll()
  }

  /** Ends what runs; nothing is run any more. */
  async close(): Promise<void> {
    this.#waiting = []
    this.#ending.abort()
    await this.#work
  }

  async #runAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      await this.#runOne(next)
    this.#work = undefined
  }

  async #runOne(anomaly: Anomaly): Promise<void> {
    const { command, run, deadlineMs, log } = this.#options
    const words = command()
    if (words === undefined) return
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), deadlineMs)
    const signal = AbortSignal.any([late.signal, this.#ending.signal])
    const problem = await run(words, `${asciiJson(anomaly)}\n`, signal).catch(
      (error: Error) => `cannot be started: ${error.name}`,
    )
    clearTimeout(timer)
    if (problem === undefined || this.#ending.signal.aborted) return
    this.#failed += 1
    log.warn('the hook failed', { event: anomaly.event, problem })
  }
}
