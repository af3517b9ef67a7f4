import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { DateAnswer } from '../../../cli/doctor/ask-date.ts'
import { startProgram } from '../../integration/command.ts'
import { startCannedServer } from '../../issuers/canned-server.ts'

const CHILD = fileURLToPath(new URL('../../../cli/doctor/clock-child.js', import.meta.url))

t.test('an answer for each issuer, on one line', async (t) => {
  const server = await startCannedServer(() => ({}))
  t.teardown(() => server.close())
  const home = { environment: process.env, directory: '/' }
  const issuers = ['ftp://as.example', server.origin]
  const run = await startProgram(process.execPath, [CHILD, '5000', ...issuers], home).ended
  t.equal(run.status, 0)
  t.match(run.stdout, /^[^\n]+\n$/)
  const [first, second] = JSON.parse(run.stdout) as DateAnswer[]
  t.same(first, { kind: 'silent', reason: 'not an https address' })
  t.ok(second?.kind === 'date' && Math.abs(second.offsetMs) < 5_000)
})
