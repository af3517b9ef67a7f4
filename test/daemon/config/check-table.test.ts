import t from 'tap'
import { checkTable, type TableKind } from '../../../daemon/config/check-table.ts'
import type { KeyPath } from '../../../daemon/config/locate-key.ts'
import { wordOf } from '../../../daemon/config/value-kind.ts'

const KIND: TableKind = {
  keys: {
    flat: { keys: { word: wordOf(['a']) } },
    many: { elements: { keys: { word: wordOf(['a']) } } },
    named: { names: /^[a-z]+$/, each: { keys: { deep: { keys: { word: wordOf(['a']) } } } } },
  },
}

t.test('what is known is in order, however little there is', async (t) => {
  for (const members of [
    {},
    { flat: {} },
    { flat: { word: 'a' } },
    { named: {} },
    { many: [] },
    { many: [{}, { word: 'a' }] },
    { named: { x: {}, y: { deep: {} }, z: { deep: { word: 'a' } } } },
  ])
    t.equal(checkTable(members, KIND), undefined)
})

t.test('the first problem is told with the keys that lead there', async (t) => {
  const table: readonly (readonly [Record<string, unknown>, KeyPath, string])[] = [
    [{ other: {} }, ['other'], 'unknown table "other"'],
    [{ flat: 1 }, ['flat'], '"flat" must be a table'],
    [{ flat: [] }, ['flat'], '"flat" must be a table'],
    [{ flat: new Date() }, ['flat'], '"flat" must be a table'],
    [{ flat: { word: 'b' } }, ['flat', 'word'], '"word" must be one of a'],
    [{ flat: { other: 'a' } }, ['flat', 'other'], 'unknown key "other" in "flat"'],
    [{ flat: { toString: 'a' } }, ['flat', 'toString'], 'unknown key "toString" in "flat"'],
    [{ many: {} }, ['many'], '"many" must be tables, each headed [[many]]'],
    [{ many: [{}, 1] }, ['many'], '"many" must be tables, each headed [[many]]'],
    [{ many: [{}, []] }, ['many'], '"many" must be tables, each headed [[many]]'],
    [{ many: [{}, { word: 'b' }] }, ['many', 1, 'word'], '"word" must be one of a'],
    [{ many: [{}, { other: 1 }] }, ['many', 1, 'other'], 'unknown key "other" in "many"'],
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
