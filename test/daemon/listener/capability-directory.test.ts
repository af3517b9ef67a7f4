import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { requireSocketDirectory } from '../../../daemon/listener/capability-directory.ts'

const uid = process.getuid?.() ?? -1

t.test('a directory is taken only as far as nobody else can write to it', async (t) => {
  const base = t.testdir()
  const directory = join(base, 'd')
  mkdirSync(directory)
  symlinkSync(directory, join(base, 'link'))
  writeFileSync(join(base, 'file'), '')
  const path = join(directory, 's')
  const judged = (mode: number, isForGroup: boolean): string => {
    chmodSync(directory, mode)
    try {
      requireSocketDirectory(path, uid, isForGroup)
      return 'taken'
    } catch (error) {
      return (error as Error).message.replace(/.*"/, '').trim()
    }
  }
  t.equal(judged(0o700, false), 'taken')
  t.equal(judged(0o710, false), 'is open to others')
  t.equal(judged(0o701, false), 'is open to others')
  t.equal(judged(0o710, true), 'taken')
  t.equal(judged(0o711, true), 'taken')
  for (const mode of [0o720, 0o702, 0o777, 0o1777])
    for (const isForGroup of [true, false])
      t.equal(judged(mode, isForGroup), 'can be written to by others', mode.toString(8))
  chmodSync(directory, 0o700)
  for (const [bad, reason, owner] of [
    [join(base, 'link', 's'), /is a symbolic link/, uid],
    [join(base, 'file', 's'), /is not a directory/, uid],
    [join(base, 'none', 's'), /is not there/, uid],
    [path, /belongs to uid/, uid + 1],
  ] as const)
    t.throws(() => requireSocketDirectory(bad, owner, false), { message: reason })
})
