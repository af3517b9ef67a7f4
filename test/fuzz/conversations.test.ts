import tap from 'tap'
import { runConversation } from './run-conversation.ts'
import { CONVERSATIONS } from './targets.ts'

/** Some seconds each; `npm run fuzz` goes on. */
const RUNS = 600

tap.setTimeout(120_000)

for (const module of CONVERSATIONS)
  tap.test(`no answer harms who asked: ${module.replace(/.*\//, '')}`, async (t) => {
    t.setTimeout(120_000)
    // any seed will do, and the same one makes a failure come again
    const { finding, runs, ...rest } = await runConversation(module, { seed: 1, runs: RUNS })
    t.comment(rest)
    t.equal(finding, undefined)
    t.equal(runs, RUNS)
  })
