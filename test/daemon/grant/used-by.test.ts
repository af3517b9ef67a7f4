import fc from 'fast-check'
import t from 'tap'
import {
  MAX_PATH_LENGTH,
  MAX_USED_BY,
  mergeUsedBy,
  type UsedBy,
  withUse,
} from '../../../daemon/grant/used-by.ts'

t.test('each program stands there once, with its last use, the newest first', async (t) => {
  let known: readonly UsedBy[] = []
  for (const [executable, at] of [
    ['/git', 1],
    ['/curl', 2],
    ['/git', 3],
    [undefined, 4],
    ['/git', 2],
  ] as const)
    known = withUse(known, executable, at)
  t.same(known, [
    { executable: '/git', at: 3 },
    { executable: '/curl', at: 2 },
  ])
})

t.test('a path that nobody types is left out', async (t) => {
  t.same(withUse([], `/${'x'.repeat(MAX_PATH_LENGTH)}`, 1), [])
  t.equal(withUse([], `/${'x'.repeat(MAX_PATH_LENGTH - 1)}`, 1).length, 1)
})

t.test('one more use by the newest is no other than any other', async () => {
  const program = fc.constantFrom('/git', '/curl', '/gh')
  const uses = fc.array(fc.tuple(program, fc.nat({ max: 9 })))
  fc.assert(
    fc.property(uses, (all) => {
      let known: readonly UsedBy[] = []
      return all.every(([executable, at]) => {
        const merged = mergeUsedBy(known, [{ executable, at }])
        known = withUse(known, executable, at)
        return JSON.stringify(known) === JSON.stringify(merged)
      })
    }),
  )
})

const list = fc.array(fc.record({ executable: fc.string(), at: fc.nat() }))

t.test('whatever comes, the list stays bounded, and the newest are in it', async () => {
  fc.assert(
    fc.property(list, list, (one, other) => {
      const merged = mergeUsedBy(one, other)
      const newest = Math.max(...[...one, ...other].map(({ at }) => at))
      const names = new Set(merged.map(({ executable }) => executable))
      return (
        merged.length <= MAX_USED_BY &&
        names.size === merged.length &&
        (merged.length === 0 || merged[0]?.at === newest)
      )
    }),
  )
})
