import t from 'tap'
import type { PathFact } from '../../../cli/doctor/look.ts'
import {
  adviceOfRoot,
  isSetUpByRoot,
  judgeRootsService,
} from '../../../cli/doctor/set-up-by-root.ts'

const ROOTS = { kind: 'present', type: 'directory', mode: 0o755, uid: 0 } as const

t.test('a directory of root’s in which nobody else writes was made by root', async (t) => {
  const judged = (fact: PathFact, path = '/run/grantd/1000', uid = 1000) =>
    isSetUpByRoot({ directory: { path, fact }, uid })
  t.equal(judged(ROOTS), true)
  t.equal(judged(ROOTS, '/run/grantd/0', 0), true, 'for root too')
  for (const other of [
    { ...ROOTS, uid: 1000 },
    { ...ROOTS, mode: 0o775 },
    { ...ROOTS, mode: 0o777 },
    { ...ROOTS, type: 'other' },
    { kind: 'missing' },
  ] as const)
    t.equal(judged(other), false)
  t.equal(judged(ROOTS, '/run/user/0/grantd', 0), false, 'root’s own daemon')
  t.equal(judged(ROOTS, '/run/grantd/1001'), false)
})

t.test('it is well, and else root is who can help', async (t) => {
  t.match(judgeRootsService(), [{ level: 'ok' }])
  t.match(adviceOfRoot(1000), 'systemctl status grantd@1000.service')
})
