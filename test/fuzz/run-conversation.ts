import { Worker } from 'node:worker_threads'
import type { Conversation } from './conversation.ts'
import { minimise, type Patience } from './minimise.ts'
import { inputOf } from './mutate.ts'
import type { Finding, Outcome } from './reader.ts'
import type { Runs } from './run-reader.ts'

/** What the thread is told. */
export interface ToWorker {
  /** Exports `CONVERSATION`. */
  readonly module: string
  readonly warmUp: number
  readonly work: Runs | { readonly answer: Uint8Array }
}

/** What it says. */
export type FromWorker =
  /** Below zero: one of the seeds, the first of which is -1. */
  | { readonly kind: 'begun'; readonly run: number }
  | { readonly kind: 'found'; readonly what: string }
  /** The last of all, where nothing was found. */
  | { readonly kind: 'grown'; readonly bytes: number }

/** Far more than any answer may take, deadlines of whoever asks included. */
const DEADLINE_MS = 15_000

/** What may be left on the heap after all runs: caches of the engine and a few connections, and nothing for each answer. */
const MAX_HEAP_GROWTH_BYTES = 16_777_216

/** Enough for the engine to have compiled what it will compile. */
const WARM_UP_RUNS = 150

/** Each try costs a thread. */
const PATIENCE: Patience = { tries: 60, milliseconds: 60_000 }

const WORKER = new URL('conversation-worker.js', import.meta.url)

/** A thread with nothing left to do ends, whoever it left waiting. */
const NO_END = 'it waits for nothing'

/** What became of a thread. */
interface Ended {
  /** What it was at, with how long that took. */
  readonly run: number
  readonly slowestMs: number
  readonly growthBytes: number
  readonly what: string | undefined
}

/**
 * Gives one answer after the other, up to the first that does harm.
 *
 * @param module Address of the module that exports the conversation as `CONVERSATION`.
 */
export async function runConversation(
  module: string,
  { seed, runs }: Runs,
  {
    deadlineMs = DEADLINE_MS,
    patience = PATIENCE,
  }: { readonly deadlineMs?: number; readonly patience?: Patience } = {},
): Promise<Outcome> {
  const { CONVERSATION } = (await import(module)) as { readonly CONVERSATION: Conversation }
  const whatOf = async (work: ToWorker['work']): Promise<Ended> =>
    await thread({ module, warmUp: WARM_UP_RUNS, work }, deadlineMs)
  const ended = await whatOf({ seed, runs })
  const { run, slowestMs, growthBytes, what } = ended
  let finding: Finding | undefined
  if (what !== undefined) {
    const stillFails = async (answer: Buffer): Promise<boolean> =>
      (await whatOf({ answer })).what === what
    const input = CONVERSATION.seeds[-1 - run] ?? inputOf(seed, run, CONVERSATION)
    finding = { what, run, input: await minimise(input, stillFails, patience) }
  } else if (growthBytes > MAX_HEAP_GROWTH_BYTES) {
    finding = { what: `the heap grew by ${growthBytes} bytes`, run, input: Buffer.alloc(0) }
  }
  return { target: CONVERSATION.name, runs: Math.max(0, run + 1), slowestMs, growthBytes, finding }
}

/** Starts a thread, and ends it when it stands still. */
async function thread(workerData: ToWorker, deadlineMs: number): Promise<Ended> {
  const worker = new Worker(WORKER, { workerData })
  let run = 0
  let begun = performance.now()
  let slowestMs = 0
  let growthBytes = 0
  let what: string | undefined = NO_END
  const standsStill = (): void => {
    what = `it takes longer than ${deadlineMs} ms`
    void worker.terminate()
  }
  let watchdog = setTimeout(standsStill, deadlineMs)
  worker.on('message', (message: FromWorker) => {
    clearTimeout(watchdog)
    watchdog = setTimeout(standsStill, deadlineMs)
    slowestMs = Math.max(slowestMs, performance.now() - begun)
    begun = performance.now()
    if (message.kind === 'begun') run = message.run
    else if (message.kind === 'found') what = message.what
    else {
      growthBytes = message.bytes
      what = undefined
    }
  })
  worker.on('error', (error) => {
    what = `nobody caught: ${String(error)}`
  })
  await new Promise((resolve) => {
    worker.once('exit', resolve)
  })
  clearTimeout(watchdog)
  return { run, slowestMs, growthBytes, what }
}
