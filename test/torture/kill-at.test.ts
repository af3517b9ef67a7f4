import t from 'tap'
import type { Seen } from './crash-point.ts'
import { heldBefore, withLastRenames } from './kill-at.ts'
import { STEPS } from './steps.ts'

const before: Seen = { call: 'rename', when: 'before', target: '/grants/a.grant', text: '' }
const after: Seen = { ...before, when: 'after' }

t.test('a rename that nobody lived to tell of is known by the file that is gone', async (t) => {
  t.same(withLastRenames([before], []), [before, after])
  t.same(withLastRenames([before], ['.a.grant.1.0123456789ab']), [before])
  t.same(withLastRenames([before], ['.b.grant.1.0123456789ab']), [before, after])
  t.same(withLastRenames([before, after], []), [before, after])
})

t.test('a login’s answer is held only once its question was', async (t) => {
  const faults = STEPS.filter(({ reached }) => reached.kind === 'held').map(heldBefore)
  t.ok(faults.every(({ kind }) => kind === 'hold_request'))
  t.match(faults, [{}, { next: { kind: 'hold' } }, { next: { kind: 'stall' } }])
  t.same(heldBefore({ afterMs: 1 }), { kind: 'hold_request' })
})
