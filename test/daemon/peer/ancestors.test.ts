import t from 'tap'
import { readAncestors } from '../../../daemon/peer/ancestors.ts'
import { FakeProcesses } from '../../fakes/fake-processes.ts'

t.test('parents come nearest first, up to the first process', async (t) => {
  const processes = new FakeProcesses()
  processes.set(30, { startTime: '3', parentPid: 20, executable: '/usr/bin/git' })
  processes.set(20, { startTime: '2', parentPid: 1, executable: '/usr/bin/bash' })
  processes.set(1, { startTime: '1', parentPid: 0 })
  t.same(readAncestors(processes, 30), [{ pid: 20, executable: '/usr/bin/bash' }, { pid: 1 }])
  t.same(readAncestors(processes, 1), [])
})

t.test('a chain ends where a process is gone, and of nobody there is none', async (t) => {
  const processes = new FakeProcesses()
  processes.set(30, { startTime: '3', parentPid: 20 })
  t.same(readAncestors(processes, 30), [])
  t.same(readAncestors(processes, 99), [])
})

t.test('eight are enough, also where the table goes round in circles', async (t) => {
  const processes = new FakeProcesses()
  processes.set(30, { startTime: '3', parentPid: 31 })
  processes.set(31, { startTime: '3', parentPid: 30 })
  t.equal(readAncestors(processes, 30).length, 8)
})
