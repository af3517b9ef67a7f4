import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { procTable } from '../../../daemon/peer/process-table.ts'

const skip = process.platform === 'linux' ? false : 'only Linux has /proc'

t.test('our own facts are those of this process', { skip }, async (t) => {
  t.equal(procTable.executable(process.pid), realpathSync(process.execPath))
  t.match(procTable.startTime(process.pid), /^\d+$/)
  const own = procTable.namespaces('self')
  t.same(procTable.namespaces(process.pid), own)
  t.match(own, [/^pid:\[\d+\]$/, /^user:\[\d+\]$/, /^mnt:\[\d+\]$/])
})

t.test(
  'a name with spaces and parentheses, deleted since, is read as it is',
  { skip },
  async (t) => {
    const path = join(t.testdir(), 'a) b (c')
    copyFileSync('/bin/sleep', path)
    const child = spawn(path, ['60'], { stdio: 'ignore' })
    await once(child, 'spawn')
    const { pid } = child
    if (pid === undefined) throw new Error('a child that was spawned has a pid')
    t.match(procTable.startTime(pid), /^\d+$/)
    t.equal(procTable.executable(pid), path)
    rmSync(path)
    t.equal(procTable.executable(pid), `${path} (deleted)`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    t.equal(procTable.executable(pid), undefined)
  },
)

t.test('of what does not exist nothing is known', async (t) => {
  for (const pid of [0, -1, 2 ** 22 + 1]) {
    t.equal(procTable.executable(pid), undefined)
    t.equal(procTable.startTime(pid), undefined)
    t.same(procTable.namespaces(pid), [undefined, undefined, undefined])
  }
})
