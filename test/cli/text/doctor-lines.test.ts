import t from 'tap'
import { doctorLines } from '../../../cli/text/doctor-lines.ts'
import { colour, plain } from '../../../cli/text/style.ts'

t.test('one line a finding, what to do after a dash', async (t) => {
  const findings = [
    { level: 'ok', what: 'Node 22.1.0' },
    { level: 'warn', what: 'old\x1b[2J', advice: 'update' },
    { level: 'fail', what: 'no daemon', advice: 'start it' },
  ] as const
  t.equal(
    doctorLines(findings, plain),
    `ok    Node 22.1.0
warn  old\u{fffd}[2J — update
fail  no daemon — start it
`,
  )
  t.equal(doctorLines(findings.slice(0, 1), colour), '\x1b[32mok  \x1b[0m  Node 22.1.0\n')
})
