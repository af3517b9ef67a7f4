import tap from 'tap'
import { runDaemon } from './run-daemon.ts'
import { startVictim } from './victim.ts'

/** Some seconds each; `npm run fuzz` goes on. */
const RUNS = 560

tap.setTimeout(120_000)

for (const role of ['broker', 'admin', 'capability'] as const)
  tap.test(`no bytes on the ${role} socket keep the daemon from its work`, async (t) => {
    t.setTimeout(120_000)
    const victim = await startVictim(role)
    t.teardown(() => victim.world.close())
    // any seed will do, and the same one makes a failure come again
    const { finding, runs, ...rest } = await runDaemon(victim, { seed: 1, runs: RUNS })
    t.comment(rest)
    t.equal(finding, undefined)
    t.equal(runs, RUNS)
  })
