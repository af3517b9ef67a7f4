import t from 'tap'
import { runReader } from './run-reader.ts'
import { READERS } from './targets.ts'

/** A second or two each; `npm run fuzz` goes on. */
const RUNS = 600

for (const reader of READERS)
  t.test(`whatever "${reader.name}" is given, it says yes or no, and soon`, async (t) => {
    // any seed will do, and the same one makes a failure come again
    const { finding, runs, ...rest } = await runReader(reader, { seed: 1, runs: RUNS })
    t.comment(rest)
    t.equal(finding, undefined)
    t.equal(runs, RUNS)
  })
