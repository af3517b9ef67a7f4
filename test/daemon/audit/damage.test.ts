import t from 'tap'
import { judgeRegion, type SeenLine } from '../../../daemon/audit/damage.ts'

const before = { seq: 4, hash: 'h4' }
const at = (
  line: number,
  seq: number | undefined,
  prev = `h${(seq ?? 0) - 1}`,
  hash = `h${seq}`,
): SeenLine => ({
  file: 'f',
  line,
  link: seq === undefined ? undefined : { seq, prev },
  hash,
})
const judge = (...lines: readonly SeenLine[]): string[] =>
  judgeRegion({ before, lines }).map(({ kind, line, seq }) => `${kind} ${line} ${seq?.join('-')}`)

t.test('each kind of damage is told from the others', async (t) => {
  for (const [what, lines, found] of [
    ['nothing', [at(5, 5), at(6, 6)], []],
    ['a text', [at(5, 5, 'h4', 'x'), at(6, 6), at(7, 7)], ['changed 5 5-5']],
    ['a prev', [at(5, 5), at(6, 6, 'x', 'y'), at(7, 7), at(8, 8)], ['changed 6 6-6']],
    ['a number', [at(5, 5), at(6, 60, 'h5', 'y'), at(7, 7), at(8, 8)], ['changed 6 6-6']],
    ['all of a line', [at(5, 5), at(6, undefined), at(7, 7), at(8, 8)], ['changed 6 6-6']],
    ['a gap', [at(5, 5), at(6, 9), at(7, 10)], ['removed 6 6-8']],
    ['junk', [at(5, 5), at(6, undefined), at(7, 6), at(8, 7)], ['inserted 6 undefined']],
    ['a copy', [at(5, 5), at(6, 2), at(7, 6), at(8, 7)], ['inserted 6 2-2']],
    ['a swap', [at(5, 6), at(6, 5), at(7, 7), at(8, 8)], ['reordered 6 5-5']],
    ['a sibling', [at(5, 5, 'h4', 'x'), at(6, 5), at(7, 6)], ['inserted 5 5-5']],
  ] as const)
    t.same(judge(...lines), found, what)
})

t.test('what the next line says of the last one counts', async (t) => {
  const end = (seq: number, prev: string) => ({ before, lines: [at(5, 5)], after: { seq, prev } })
  t.same(judgeRegion(end(6, 'h5')), [])
  t.match(judgeRegion(end(6, 'x')), [{ kind: 'changed', line: 5 }])
  t.match(judgeRegion(end(8, 'h7')), [{ kind: 'removed', line: 6, seq: [6, 7] }])
})
