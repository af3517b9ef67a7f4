import t from 'tap'
import {
  adviceOfRoot,
  isSetUpByRoot,
  judgeRootsService,
} from '../../../cli/doctor/set-up-by-root.ts'

const ROOTS = { kind: 'present', type: 'directory', mode: 0o755, uid: 0 } as const

t.test('a directory of root’s in which nobody else writes was made by root', async (t) => {
  t.equal(isSetUpByRoot(ROOTS), true)
  for (const other of [
    { ...ROOTS, uid: 1000 },
    { ...ROOTS, mode: 0o775 },
    { ...ROOTS, mode: 0o777 },
    { ...ROOTS, type: 'other' },
    { kind: 'missing' },
  ] as const)
    t.equal(isSetUpByRoot(other), false)
})

t.test('it is well, and else root is who can help', async (t) => {
  t.match(judgeRootsService(), [{ level: 'ok' }])
  t.match(adviceOfRoot(1000), 'systemctl status grantd@1000.service')
})
