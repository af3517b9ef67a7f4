import tap, { type Test } from 'tap'
import type { Outcome } from './reader.ts'
import { runDaemon } from './run-daemon.ts'
import { startVictim } from './victim.ts'

// several daemons, on a machine with other things to do too
tap.setTimeout(120_000)

/** What a run finds in a daemon with this fault, and makes smaller in so many tries. */
async function findingsIn(t: Test, fault: string, tries: number): Promise<Outcome> {
  t.setTimeout(120_000)
  const module = new URL('planted-fault.js', import.meta.url).href
  const victim = await startVictim('admin', module, { environment: { GRANTD_TEST_FAULT: fault } })
  t.teardown(() => victim.world.close())
  return await runDaemon(victim, { seed: 1, runs: 560 }, { tries, milliseconds: 30_000 })
}

tap.test('an answer of 500 is found, and what it took', async (t) => {
  const { finding } = await findingsIn(t, '500', 100)
  t.match(finding, { what: /^HTTP\/1\.1 500 / })
  t.match(String(finding?.input), /%/)
  t.ok((finding?.input.length ?? 0) < 60, 'nothing else is shown')
})

tap.test('a promise that nobody catches is found', async (t) => {
  const { finding } = await findingsIn(t, 'rejects', 2)
  t.equal(finding?.what, 'the daemon died')
  t.match(String(finding?.input), /%/)
})

tap.test('a daemon that keeps what it gets is found', async (t) => {
  const { finding } = await findingsIn(t, 'keeps', 0)
  t.match(finding, { what: /^it grew by \d+ bytes$/ })
})
