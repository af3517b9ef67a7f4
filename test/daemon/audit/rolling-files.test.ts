import { mkdirSync, readdirSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { AuditEntry } from '../../../daemon/audit/audit-record.ts'
import { listLogs } from '../../../daemon/audit/log-directory.ts'
import type { LogFile } from '../../../daemon/audit/log-file.ts'
import { RollingFiles, type RollingFilesOptions } from '../../../daemon/audit/rolling-files.ts'
import { uid } from '../../fakes/open-audit.ts'

const NOON = Date.UTC(2030, 0, 1, 12)
const HOUR_MS = 3_600_000

interface Rolled {
  readonly directory: string
  readonly options: RollingFilesOptions
  readonly files: RollingFiles
  /** What was written as gone. */
  readonly told: AuditEntry[]
  readonly names: () => readonly string[]
}

function roll(t: Test, changes: Partial<RollingFilesOptions> = {}): Rolled {
  const directory = join(t.testdir({}), 'audit')
  mkdirSync(directory, { mode: 0o700 })
  const told: AuditEntry[] = []
  const options: RollingFilesOptions = {
    directory,
    uid,
    fileBytes: 1_000,
    totalBytes: 10_000,
    isTorn: () => false,
    write: (fd, entry) => {
      told.push(entry)
      return writeSync(fd, '{}\n')
    },
    ...changes,
  }
  const files = new RollingFiles(options, undefined)
  t.teardown(() => files.close())
  return { directory, options, files, told, names: () => readdirSync(directory).sort() }
}

/** Writes so many bytes where they belong at that moment. */
function fill(files: RollingFiles, bytes: number, now: number): LogFile | undefined {
  const file = files.current(now)
  if (file !== undefined) files.grew(writeSync(file.fd, 'x'.repeat(bytes)))
  return file
}

t.test('a file is gone on with for its day, and until it is full', async (t) => {
  const { files, names } = roll(t)
  const first = fill(files, 999, NOON)
  t.equal(files.current(NOON + HOUR_MS), first)
  fill(files, 1, NOON)
  t.not(fill(files, 1, NOON), first, 'it is full')
  t.same(names(), ['2030-01-01.2.jsonl', '2030-01-01.jsonl'])
  files.current(NOON + 12 * HOUR_MS)
  t.same(names(), ['2030-01-01.2.jsonl', '2030-01-01.jsonl', '2030-01-02.jsonl'])
  files.current(NOON)
  t.equal(names().length, 3, 'a clock that is set back begins none')
})

t.test('a start goes on with the newest, as full as it is', async (t) => {
  const before = roll(t)
  fill(before.files, 999, NOON)
  before.files.close()
  const [newest] = listLogs(before.directory, uid)
  const files = new RollingFiles(before.options, newest)
  t.teardown(() => files.close())
  fill(files, 1, NOON)
  t.equal(before.names().length, 1)
  fill(files, 1, NOON)
  t.equal(before.names().length, 2)
})

t.test('a line that is cut short is ended in its own file', async (t) => {
  let isTorn = true
  const { files, names } = roll(t, { isTorn: () => isTorn })
  const first = fill(files, 2_000, NOON)
  t.equal(fill(files, 1, NOON + 24 * HOUR_MS), first)
  isTorn = false
  t.not(fill(files, 1, NOON + 24 * HOUR_MS), first)
  t.equal(names().length, 2)
})

t.test('what lies in the place of the next file is left alone', async (t) => {
  const { directory, files, names } = roll(t)
  writeFileSync(join(directory, '2030-01-01.jsonl'), 'somebody’s')
  fill(files, 1, NOON)
  t.same(names(), ['2030-01-01.2.jsonl', '2030-01-01.jsonl'])
})

t.test('where no file can be made the old one goes on, and it is tried again later', async (t) => {
  const { directory, files, names } = roll(t, { totalBytes: 10_000_000 })
  const first = fill(files, 1_000, NOON)
  renameSync(directory, `${directory}-away`)
  t.equal(fill(files, 1, NOON), first)
  t.ok(files.isGone(), 'which is seen at another place')
  renameSync(`${directory}-away`, directory)
  t.equal(fill(files, 1_048_576, NOON), first, 'not with every record')
  t.not(fill(files, 1, NOON), first)
  t.equal(names().length, 2)
})

t.test('the oldest go when all together are too long, and a line says so before', async (t) => {
  const { files, told, names } = roll(t, { totalBytes: 2_500 })
  for (let day = 0; day < 4; day += 1) fill(files, 1_000, NOON + day * 24 * HOUR_MS)
  t.match(told, [{ event: 'audit.pruned', audit: { file: '2030-01-01.jsonl' } }])
  t.notOk(names().includes('2030-01-01.jsonl'))
  const broken = roll(t, {
    totalBytes: 1,
    write: () => {
      throw new Error('ENOSPC')
    },
  })
  for (let day = 0; day < 3; day += 1) fill(broken.files, 1_000, NOON + day * 24 * HOUR_MS)
  t.equal(broken.names().length, 3, 'nothing goes that could not be told')
})

t.test('a file that is not where it was is missed', async (t) => {
  const { directory, files } = roll(t)
  t.notOk(files.isGone(), 'none was made')
  fill(files, 1, NOON)
  t.notOk(files.isGone())
  const path = join(directory, '2030-01-01.jsonl')
  renameSync(path, `${path}.away`)
  t.ok(files.isGone())
  writeFileSync(path, 'another')
  t.ok(files.isGone())
  files.begin(NOON)
  t.notOk(files.isGone())
})

t.test('closed files are made by nobody', async (t) => {
  const { files, names } = roll(t)
  fill(files, 1, NOON)
  files.close()
  files.close()
  t.equal(files.current(NOON + 24 * HOUR_MS), undefined)
  t.notOk(files.isGone())
  t.equal(names().length, 1)
})
