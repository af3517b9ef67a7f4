import t from 'tap'
import { planInstall, planUninstall } from '../../cli/service-plan.ts'

const mark = '# ours\n'
const text = `${mark}[Unit]\n`
const at = (...names: readonly string[]) => ({
  mark,
  places: new Map(names.map((name) => [name, `/units/${name}`])),
})

t.test('what is to be done hangs on what is there', async (t) => {
  const table: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'new'],
    [text, 'same'],
    [`${mark}[Unit]\n# older\n`, 'changed'],
    ['[Unit]\n', 'foreign'],
    ['', 'foreign'],
  ]
  const units = new Map([['a.service', text]])
  for (const [before, kind] of table)
    t.same(planInstall(at('a.service'), units, new Map([['a.service', before]])), [
      { name: 'a.service', path: '/units/a.service', kind, text },
    ])
  t.throws(() => planInstall(at('b'), units, new Map()), { name: 'TypeError' })
})

t.test('only what is ours is removed', async (t) => {
  const found = new Map([
    ['ours', text],
    ['theirs', '[Unit]\n'],
    ['nothing', undefined],
  ])
  t.same([...planUninstall(at('ours', 'theirs', 'nothing'), found)], [['ours', '/units/ours']])
})
