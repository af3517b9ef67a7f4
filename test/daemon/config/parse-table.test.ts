import t from 'tap'
import type { TableKind } from '../../../daemon/config/check-table.ts'
import { parseTable, problemAt } from '../../../daemon/config/parse-table.ts'
import { wordOf } from '../../../daemon/config/value-kind.ts'

const KIND: TableKind = { keys: { log: { keys: { level: wordOf(['info']) } } } }

t.test('a document that fits is given as it is, with the text places are found in', async (t) => {
  const text = '[log]\nlevel = "info"\n'
  t.same(parseTable(`\ufeff${text}`, KIND), { text, table: { log: { level: 'info' } } })
  t.same(problemAt(text, { path: ['log', 'level'], message: 'caf\u00e9\u001b' }), {
    problem: { line: 2, column: 1, message: 'caf??' },
  })
})

t.test('the first problem refuses it, in a message of bounded length', async (t) => {
  t.match(parseTable('[log\n', KIND), { problem: { line: 1, column: 5 } })
  t.same(parseTable('[log]\n[lock]', KIND), {
    problem: { line: 2, column: 2, message: 'unknown table "lock"' },
  })
  const long = parseTable('x'.repeat(5_000).concat(' = 1'), KIND)
  t.match(long, { problem: { message: /^unknown table "x{185}\.\.\.$/ } })
})
