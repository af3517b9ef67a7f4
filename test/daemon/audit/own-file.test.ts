import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { guarded, requireOwnFile, unavailable } from '../../../daemon/audit/own-file.ts'
import { uid } from '../../fakes/open-audit.ts'

t.test('a file of ours alone is one, and nothing else', async (t) => {
  const directory = t.testdir()
  const path = join(directory, 'f')
  writeFileSync(path, '', { mode: 0o600 })
  requireOwnFile(statSync(path), path, uid)
  t.throws(() => requireOwnFile(statSync(path), path, uid + 1), { message: /belongs to uid/ })
  t.throws(() => requireOwnFile(statSync(directory), directory, uid), { message: /is not a file/ })
})

t.test('callers are told the code of a system call, and what is told already stays', async (t) => {
  const told = new GrantdError('overloaded', 'x')
  t.equal(unavailable(told), told)
  t.match(unavailable(new Error('canary')), { message: /written: unknown$/ })
  t.equal(
    guarded(() => 1),
    1,
  )
  const full = Object.assign(new Error('canary'), { code: 'ENOSPC' })
  t.throws(
    () =>
      guarded(() => {
        throw full
      }),
    { code: 'audit_unavailable', message: 'the audit log cannot be written: ENOSPC' },
  )
})
