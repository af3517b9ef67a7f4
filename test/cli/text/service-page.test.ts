import t from 'tap'
import { reportText, stateText, unitTexts } from '../../../cli/text/service-page.ts'

const unit = { name: 'a.service', path: '/u/a.service' } as const

t.test('only what would change is shown as it would be', async (t) => {
  const same = { ...unit, kind: 'same', text: 'old' } as const
  const changed = { ...unit, kind: 'changed', text: 'new\n' } as const
  t.equal(unitTexts([same, changed]), '\n--- /u/a.service\nnew\n')
})

t.test('what was done is in the past, and what would be is not', async (t) => {
  const report = {
    units: [{ ...unit, kind: 'new' }],
    removed: ['/u/b'],
    commands: ['c d'],
  } as const
  t.equal(
    reportText({ ...report, isDryRun: false }),
    '/u/a.service: written\n/u/b: removed\nran: c d\nto undo it: grantd service uninstall\n',
  )
  t.equal(
    reportText({ ...report, isDryRun: true }),
    '/u/a.service: would be written\n/u/b: would be removed\nwould run: c d\n',
  )
})

t.test('a state has a line for each unit, and what helps', async (t) => {
  const state = (kind: 'new' | 'foreign') => ({ units: [{ ...unit, kind, active: 'active' }] })
  t.equal(
    stateText(state('new')),
    'a.service: not installed, active\nto install: grantd service install\n',
  )
  t.equal(stateText({ ...state('foreign'), lingers: true }), 'a.service: somebody else’s, active\n')
})
