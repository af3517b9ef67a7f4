import { setFlagsFromString } from 'node:v8'
import { createContext, runInNewContext, Script } from 'node:vm'
import { minimise } from './minimise.ts'
import { inputOf } from './mutate.ts'
import type { Finding, Outcome, Reader } from './reader.ts'

/** Far more than any input of this size may take, on a machine with other things to do too. */
const DEADLINE_MS = 3_000

/** What may be left on the heap after all runs: caches of the engine, and nothing for each input. */
const MAX_HEAP_GROWTH_BYTES = 8_388_608

/** Inputs that one watchdog looks after; starting it costs more than reading does. */
const BATCH = 250

/** Enough for the engine to have compiled what it will compile. */
const WARM_UP_RUNS = 300

const PATIENCE = { tries: 4_000, milliseconds: 30_000 }

/** Which inputs are tried. */
export interface Runs {
  readonly seed: number
  readonly runs: number
}

/** Lets a reader read one input after the other, up to the first that is not as it should be. */
export async function runReader(reader: Reader, { seed, runs }: Runs): Promise<Outcome> {
  const deadlineMs = reader.deadlineMs ?? DEADLINE_MS
  let slowestMs = 0
  let warm = 0
  let done = 0
  let finding: Finding | undefined
  for (const input of reader.seeds) reader.check(input)
  while (done < runs && finding === undefined) {
    if (done >= WARM_UP_RUNS && warm === 0) warm = heapBytes()
    const from = done
    const end = Math.min(runs, from + BATCH)
    const failure = failureWithin(deadlineMs, () => {
      for (; done < end; done++) {
        const begun = performance.now()
        reader.check(inputOf(seed, done, reader))
        slowestMs = Math.max(slowestMs, performance.now() - begun)
      }
    })
    if (failure === undefined) continue
    // a whole batch may be too much for a busy machine; one input alone is not
    const run = done
    const input = inputOf(seed, run, reader)
    const what = failureOf(reader, input)
    done += 1
    if (what === undefined) continue
    const smallest = await minimise(
      input,
      (smaller) => failureOf(reader, smaller) === what,
      PATIENCE,
    )
    finding = { what, run, input: smallest }
  }
  const growthBytes = warm === 0 ? 0 : heapBytes() - warm
  if (growthBytes > MAX_HEAP_GROWTH_BYTES)
    finding ??= { what: `the heap grew by ${growthBytes} bytes`, run: done, input: Buffer.alloc(0) }
  return { target: reader.name, runs: done, slowestMs, growthBytes, finding }
}

function failureOf(reader: Reader, input: Buffer): string | undefined {
  return failureWithin(reader.deadlineMs ?? DEADLINE_MS, () => reader.check(input))
}

/** Runs something that never waits, and ends it when it does not end itself. */
function failureWithin(milliseconds: number, run: () => void): string | undefined {
  try {
    new Script('run()').runInContext(createContext({ run }), { timeout: milliseconds })
    return undefined
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return `it takes longer than ${milliseconds} ms`
    return String(error)
  }
}

/** What is alive after a collection. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
