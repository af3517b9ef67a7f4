import { createSecretKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BEGINNING, chainLine } from '../../../daemon/audit/chain.ts'
import { findEnd, type LogEnd } from '../../../daemon/audit/find-end.ts'
import { LineMac } from '../../../daemon/audit/line-mac.ts'
import { listLogs } from '../../../daemon/audit/log-directory.ts'
import { uid } from '../../fakes/open-audit.ts'

const MAC = new LineMac(createSecretKey(Buffer.alloc(32, 1)))
const one = chainLine('{"a":1}\n', BEGINNING, MAC)
const two = chainLine('{"a":2}\n', one.head, MAC)

function endOf(t: Test, ...texts: readonly string[]): LogEnd {
  const directory = t.testdir()
  for (const [index, text] of texts.entries())
    writeFileSync(join(directory, `2030-01-0${index + 1}.jsonl`), text, { mode: 0o600 })
  return findEnd(listLogs(directory, uid), uid)
}

const heads = ({ lines }: LogEnd): unknown[] => lines.map(({ head }) => head)

t.test('the last lines are found, newest first, in the newest file that has any', async (t) => {
  t.same(endOf(t), { lines: [], isTorn: false })
  t.same(heads(endOf(t, one.line + two.line)), [two.head, one.head])
  t.same(heads(endOf(t, one.line, two.line)), [two.head])
  t.same(heads(endOf(t, one.line, '')), [one.head])
  t.same(heads(endOf(t, 'junk\n', '')), [])
})

t.test('a line that was cut short is told from one that only lacks its end', async (t) => {
  const cut = endOf(t, one.line, two.line.slice(0, 30))
  t.match(cut, { isTorn: true, fragment: two.line.slice(0, 30) })
  t.same(heads(cut), [one.head])
  const twice = endOf(t, `${one.line}cut\n${two.line.slice(0, 30)}`)
  t.match(twice, { isTorn: true, fragment: `cut\n${two.line.slice(0, 30)}` })
  t.equal(endOf(t, 'cut\nagain').fragment, 'cut\nagain', 'with nothing before it')
  const unended = endOf(t, one.line + two.line.slice(0, -1))
  t.same(
    [unended.isTorn, unended.fragment, heads(unended)],
    [true, undefined, [two.head, one.head]],
  )
  const long = endOf(t, 'x'.repeat(100_000))
  t.same([long.isTorn, long.fragment], [true, undefined])
  const many = endOf(t, `${'x\n'.repeat(50_000)}x`)
  t.same([many.isTorn, many.fragment], [true, undefined])
  t.same(heads(endOf(t, `${'x'.repeat(100_000)}\n${one.line}`)), [one.head])
})
