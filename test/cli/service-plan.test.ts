import t from 'tap'
import { planInstall, planUninstall } from '../../cli/service-plan.ts'
import { MARK } from '../../cli/service-units.ts'

const text = `${MARK}[Unit]\n`
const units = new Map([['a.service', text]])

t.test('what is to be done hangs on what is there', async (t) => {
  const table: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'new'],
    [text, 'same'],
    [`${MARK}[Unit]\n# older\n`, 'changed'],
    ['[Unit]\n', 'foreign'],
    ['', 'foreign'],
  ]
  for (const [before, kind] of table)
    t.same(planInstall('/units', units, new Map([['a.service', before]])), [
      { name: 'a.service', path: '/units/a.service', kind, text },
    ])
})

t.test('only what is ours is removed', async (t) => {
  const found = new Map([
    ['ours', text],
    ['theirs', '[Unit]\n'],
    ['nothing', undefined],
  ])
  t.same(planUninstall('/units', found), ['/units/ours'])
})
