import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { procTable } from '../../../daemon/peer/process-table.ts'
import { needsLinux } from '../../needs.ts'

const linuxOnly = needsLinux()

t.test('our own facts are those of this process', linuxOnly, async (t) => {
  t.equal(procTable.executable(process.pid), realpathSync(process.execPath))
  t.match(procTable.stat(process.pid), { parentPid: process.ppid, startTime: /^\d+$/ })
  const own = procTable.namespaces('self')
  t.same(procTable.namespaces(process.pid), own)
  t.match(own, [/^pid:\[\d+\]$/, /^user:\[\d+\]$/, /^mnt:\[\d+\]$/])
})

t.test(
  'a name with spaces and parentheses, deleted since, is read as it is',
  linuxOnly,
  async (t) => {
    const path = join(t.testdir(), 'a) b (c')
    copyFileSync('/bin/sleep', path)
    const child = spawn(path, ['60'], { stdio: 'ignore' })
    await once(child, 'spawn')
    const { pid } = child
    if (pid === undefined) throw new Error('a child that was spawned has a pid')
    t.match(procTable.stat(pid), { parentPid: process.pid })
    t.equal(procTable.executable(pid), path)
    const keepsRunning = procTable.keepsRunning(pid, path)
    t.ok(keepsRunning())
    t.notOk(procTable.keepsRunning(pid, undefined)())
    rmSync(path)
    t.equal(procTable.executable(pid), `${path} (deleted)`)
    t.notOk(keepsRunning())
    t.ok(procTable.keepsRunning(pid, `${path} (deleted)`)())
    child.kill('SIGKILL')
    await once(child, 'exit')
    t.equal(procTable.executable(pid), undefined)
  },
)

t.test('of what does not exist nothing is known', async (t) => {
  for (const pid of [0, -1, 2 ** 22 + 1]) {
    t.equal(procTable.executable(pid), undefined)
    t.notOk(procTable.keepsRunning(pid, '/bin/sleep')())
    t.ok(procTable.keepsRunning(pid, undefined)(), 'as unknown as before')
    t.equal(procTable.stat(pid), undefined)
    t.equal(procTable.hold(pid), undefined)
    t.equal(procTable.cgroup(pid), undefined)
    t.equal(procTable.status(pid), undefined)
    t.same(procTable.namespaces(pid), [undefined, undefined, undefined])
  }
})

t.test('a held process is known by itself and not by its number', linuxOnly, async (t) => {
  const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const held = procTable.hold(child.pid ?? 0)
  const first = held?.stat()
  t.match(first, { parentPid: process.pid, image: /^\d+ \d+ \d+$/ })
  t.same(held?.stat()?.image, first?.image, 'the same as long as it runs the same program')
  if (held === undefined || first === undefined) throw new Error('it runs')
  t.ok(held.isStill(first))
  t.notOk(held.isStill({ ...first, startTime: `${first.startTime}0` }), 'another one')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(held.stat(), undefined, 'it is gone')
  t.notOk(held.isStill(first))
  held.release()
  const fd = openSync('/proc/self/stat', 'r')
  held.release()
  t.equal(held.stat(), undefined, 'whoever has the descriptor now')
  const ours = procTable.stat(process.pid)
  if (ours === undefined) throw new Error('we run')
  t.notOk(held.isStill(ours))
  closeSync(fd)
})

t.test('cgroup and status are text', linuxOnly, async (t) => {
  t.match(procTable.cgroup(process.pid), /^\d+:.*:\//m)
  t.match(procTable.status(process.pid), new RegExp(`^Pid:\t${process.pid}$`, 'm'))
})

t.test('a terminal is one that is there, is what it is called, and ours', linuxOnly, async (t) => {
  const uid = process.getuid?.() ?? -1
  t.equal(procTable.terminal(0, uid), undefined)
  t.equal(procTable.terminal(34_816 + 255, uid), undefined, 'no such terminal')
  for (const name of readdirSync('/dev').filter((one) => /^tty(?:S?\d+)$/.test(one))) {
    const path = join('/dev', name)
    const stats = statSync(path)
    t.equal(procTable.terminal(stats.rdev, stats.uid), path)
    t.equal(procTable.terminal(stats.rdev, stats.uid + 1), undefined, 'somebody else’s')
  }
})
