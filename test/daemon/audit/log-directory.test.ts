import { closeSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  createLog,
  listLogs,
  openToAppend,
  openToRead,
  requireLogDirectory,
} from '../../../daemon/audit/log-directory.ts'
import { uid } from '../../fakes/open-audit.ts'

t.test('logs are listed in their order, and what is called otherwise is not ours', async (t) => {
  const directory = join(t.testdir(), 'audit')
  requireLogDirectory(directory, uid)
  requireLogDirectory(directory, uid)
  for (const name of ['2030-01-02.jsonl', '2030-01-01.10.jsonl', '2030-01-01.2.jsonl'])
    closeSync(createLog(join(directory, name)))
  writeFileSync(join(directory, 'notes.txt'), '', { mode: 0o666 })
  t.same(
    listLogs(directory, uid).map(({ path }) => path.slice(directory.length + 1)),
    ['2030-01-01.2.jsonl', '2030-01-01.10.jsonl', '2030-01-02.jsonl'],
  )
  t.throws(() => createLog(join(directory, '2030-01-02.jsonl')), { code: 'EEXIST' })
})

t.test('neither a link nor the file of another is opened', async (t) => {
  const directory = t.testdir()
  const path = join(directory, 'f')
  closeSync(createLog(path))
  symlinkSync(path, join(directory, 'link'))
  for (const open of [openToRead, openToAppend]) {
    closeSync(open(path, uid))
    t.throws(() => open(join(directory, 'link'), uid), { code: 'ELOOP' })
    t.throws(() => open(path, uid + 1), { code: 'audit_unavailable' })
  }
})
