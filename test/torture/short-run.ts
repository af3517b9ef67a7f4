import tap, { type Test } from 'tap'
import type { IssuerKind } from './arena.ts'
import { type RunResult, runTorture } from './run.ts'
import { type Operation, STEPS } from './steps.ts'

/** Which kills a test is about. */
export interface ShortRun {
  readonly issuer: IssuerKind
  /** Each of their steps once. */
  readonly operation: Operation
  /** So many more at any moment. */
  readonly kills: number
}

/** Far more than it takes, on a small machine with other things to do, too; it is the file's own limit. */
const TOO_LONG_MS = 150_000

/**
 * A run that is short enough for every `npm test`, with the table as a comment. A step that is not
 * reached fails the test that called it, by an error.
 */
export async function shortRun(t: Test, run: ShortRun): Promise<RunResult> {
  const steps = STEPS.filter(({ operation }) => operation === run.operation)
  // any seed will do, and the same one makes a failure come again
  tap.setTimeout(TOO_LONG_MS)
  t.setTimeout(TOO_LONG_MS)
  const result = await runTorture({ ...run, steps, seed: 1, progress: () => undefined })
  const { tally, replays } = result
  t.comment(tally.table())
  t.equal(tally.kills, steps.length + run.kills, 'every step was reached')
  t.same(tally.broken, [])
  t.equal(replays.beyond, 0)
  return result
}
