import tap, { type Test } from 'tap'
import type { Outcome } from './reader.ts'
import { runConversation } from './run-conversation.ts'

// a thread for each try, on a machine with other things to do too
tap.setTimeout(120_000)

async function findingsIn(t: Test, fault: string, tries: number): Promise<Outcome> {
  t.setTimeout(120_000)
  process.env['GRANTD_TEST_FAULT'] = fault
  const module = new URL('planted-conversation.js', import.meta.url).href
  const patience = { tries, milliseconds: 60_000 }
  return await runConversation(module, { seed: 3, runs: 900 }, { deadlineMs: 3_000, patience })
}

tap.test('whoever throws at an answer is found, and the answer is made smaller', async (t) => {
  const { finding, runs } = await findingsIn(t, 'throws', 20)
  t.match(finding, { what: 'RangeError: planted', run: runs - 1 })
  t.ok(finding?.input.includes(0x7f))
  t.ok((finding?.input.length ?? 99) < 20, 'nothing else is shown')
})

tap.test('a promise that nobody catches is found', async (t) => {
  const { finding } = await findingsIn(t, 'rejects', 0)
  t.equal(finding?.what, 'nobody caught: Error: planted')
})

tap.test('whoever waits for ever, or never comes to an end, is found', async (t) => {
  const { finding } = await findingsIn(t, 'waits', 0)
  t.equal(finding?.what, 'it waits for nothing')
  const loop = await findingsIn(t, 'loops', 0)
  t.equal(loop.finding?.what, 'it takes longer than 3000 ms')
})

tap.test('whoever keeps what it gets is found', async (t) => {
  const { finding } = await findingsIn(t, 'keeps', 0)
  t.match(finding, { what: /^the heap grew by \d+ bytes$/ })
})

tap.test('where there is nothing to find nothing is found', async (t) => {
  const { finding, runs } = await findingsIn(t, 'none', 0)
  t.same([finding, runs], [undefined, 900])
})
