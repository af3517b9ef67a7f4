import { fstatSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LogFile } from '../../../daemon/audit/log-file.ts'

t.test('a number is ours until the last sync is over', async (t) => {
  const file = new LogFile(openSync(join(t.testdir(), 'f'), 'a'))
  writeSync(file.fd, 'x')
  const syncing = file.sync()
  file.leave()
  fstatSync(file.fd)
  await syncing
  t.throws(() => fstatSync(file.fd), { code: 'EBADF' })
})

t.test('what cannot be synced is refused', async (t) => {
  const file = new LogFile(openSync('/dev/null', 'a'))
  await t.rejects(file.sync(), { code: 'audit_unavailable', message: /EINVAL$/ })
  file.leave()
})
