import t from 'tap'
import { checkTable, type TableKind } from '../../../daemon/config/check-table.ts'
import { wordOf } from '../../../daemon/config/value-kind.ts'

const KIND: TableKind = {
  keys: {
    flat: { keys: { word: wordOf(['a']) } },
    named: { names: /^[a-z]+$/, each: { keys: { deep: { keys: { word: wordOf(['a']) } } } } },
  },
}

t.test('what is known is in order, however little there is', async (t) => {
  for (const members of [
    {},
    { flat: {} },
    { flat: { word: 'a' } },
    { named: {} },
    { named: { x: {}, y: { deep: {} }, z: { deep: { word: 'a' } } } },
  ])
    t.equal(checkTable(members, KIND), undefined)
})

t.test('the first problem is told with the keys that lead there', async (t) => {
  const table: readonly (readonly [Record<string, unknown>, readonly string[], string])[] = [
    [{ other: {} }, ['other'], 'unknown table "other"'],
    [{ flat: 1 }, ['flat'], '"flat" must be a table'],
    [{ flat: [] }, ['flat'], '"flat" must be a table'],
    [{ flat: new Date() }, ['flat'], '"flat" must be a table'],
    [{ flat: { word: 'b' } }, ['flat', 'word'], '"word" must be one of a'],
    [{ flat: { other: 'a' } }, ['flat', 'other'], 'unknown key "other" in "flat"'],
    [{ flat: { toString: 'a' } }, ['flat', 'toString'], 'unknown key "toString" in "flat"'],
    [{ named: { X: {} } }, ['named', 'X'], '"X" is no name for "named"'],
    [{ named: { x: { deep: null } } }, ['named', 'x', 'deep'], '"named.x.deep" must be a table'],
    [
      { named: { x: { deep: { no: 1 } } } },
      ['named', 'x', 'deep', 'no'],
      'unknown key "no" in "named.x.deep"',
    ],
  ]
  for (const [members, path, message] of table)
    t.same(checkTable(members, KIND), { path, message }, message)
})
