import t from 'tap'
import { columns } from '../../../cli/text/columns.ts'

t.test('cells stand under each other, nothing stands at the end of a line', async (t) => {
  const rows = [['GRANT', 'STATE', ''], ['a', 'active', 'x'], ['日本', 'ö'], []]
  t.same(columns(rows), ['GRANT  STATE', 'a      active  x', '日本     ö', ''])
  t.same(columns([['a', 'b']], '  '), ['  a  b'])
  t.same(columns([]), [])
})
