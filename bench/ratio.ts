import { spawnSync } from 'node:child_process'

/**
 * Something that is measured. A number that it resolves with is its time in milliseconds:
 * it knows better than a clock around it.
 */
type Measured = () => unknown

/** Two things measured in turns, so that a machine that slows down slows both. */
export interface Pair {
  readonly ours: Measured
  readonly baseline: Measured
  /** Calls of each in one round. */
  readonly calls: number
  /** Runs before our part of each round, and ends after it with what it resolves with. */
  readonly during?: () => Promise<() => Promise<void>>
}

const ROUNDS = 7

/**
 * Runs both in interleaved rounds.
 *
 * @returns Median over the rounds of the ratio of the median times, ours to the baseline's.
 */
export async function ratioOf(pair: Pair): Promise<number> {
  await medianOf(pair.ours, pair.calls)
  await medianOf(pair.baseline, pair.calls)
  const ratios: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const order =
      round % 2 === 0 ? (['ours', 'baseline'] as const) : (['baseline', 'ours'] as const)
    const times = { ours: 0, baseline: 0 }
    for (const side of order) {
      const end = side === 'ours' ? await pair.during?.() : undefined
      times[side] = await medianOf(pair[side], pair.calls)
      await end?.()
    }
    ratios.push(times.ours / times.baseline)
  }
  return median(ratios)
}

async function medianOf(call: Measured, calls: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < calls; i++) {
    const start = performance.now()
    const known = await call()
    times.push(typeof known === 'number' ? known : performance.now() - start)
  }
  return median(times)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Runs a program to its end, as a whole process. @throws Error when it fails */
export function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
}
