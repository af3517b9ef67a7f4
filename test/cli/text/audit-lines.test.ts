import t from 'tap'
import { auditLine, verdictText } from '../../../cli/text/audit-lines.ts'

t.test('a line says when, what and for whom, and draws nothing', async (t) => {
  const peer = { uid: 1, pid: 42, executable: '/usr/bin/g\u001b[2Jit' }
  const line = {
    time: '2030-01-01T00:00:00.000Z',
    event: 'token.issued',
    peer,
    grant: 'wo\u202erk',
  }
  t.equal(
    auditLine(JSON.stringify(line)),
    '2030-01-01T00:00:00.000Z  token.issued  /usr/bin/g\ufffd[2Jit (pid 42)  grant="wo\ufffdrk"\n',
  )
  t.equal(
    auditLine('{"time":"t","event":"e","grant":"g","capability":"ci","lifted":"a, b","x":1}'),
    't  e  capability="ci"  grant="g"  lifted="a, b"\n',
  )
  t.equal(auditLine('{"time":"t","event":"e","peer":{"pid":1}}'), 't  e  ? (pid 1)\n')
  t.equal(auditLine('\u001bno json'), '\ufffdno json\n')
})

t.test('a verdict names each line that is not as it was', async (t) => {
  const good = {
    ok: true,
    lines: 3,
    first: 1,
    head: '3:ab',
    sealed: 2,
    torn: [],
    findings: [],
    finding_count: 0,
  }
  t.equal(verdictText(good), '3 lines, signed up to number 2: as written\nhead 3:ab\n')
  const bad = {
    ...good,
    ok: false,
    torn: [{ file: 'f', line: 2 }],
    findings: [{ kind: 'changed', file: 'f', line: 7, detail: 'line number 7 was changed' }],
    finding_count: 5,
    anchor: 'differs',
  }
  const text = verdictText(bad)
  t.match(text, /^f:7: changed: line number 7 was changed\nand 4 more\nf:2: cut short by/)
  t.match(text, /written anew above it\n3 lines.*: NOT as written\nhead 3:ab\n$/)
  t.match(verdictText({ ...good, anchor: 'new' }), /^new\n/)
})
