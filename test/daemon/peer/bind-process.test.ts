import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { tieToProcess } from '../../../daemon/peer/bind-process.ts'
import type { HeldProcess } from '../../../daemon/peer/process-table.ts'
import { procTable } from '../../../daemon/peer/process-table.ts'

t.test('a tie lives as long as its process', async (t) => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const tie = tieToProcess(procTable, child.pid ?? -1)
  t.equal(tie?.isAlive(), true)
  t.match(tie?.startTime, /^\d+$/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(tie?.isAlive(), false)
  tie?.release()
})

t.test('whoever gets the number later is somebody else', async (t) => {
  const stat = { state: 'S', parentPid: 1, terminal: 0, startTime: '5', image: '1 2 3' }
  let now: ReturnType<HeldProcess['stat']> = stat
  let released = 0
  const release = (): void => {
    released += 1
  }
  const table = { hold: () => ({ stat: () => now, isStill: () => false, release }) }
  const tie = tieToProcess(table, 7)
  t.equal(tie?.isAlive(), true)
  now = { ...stat, image: '9 9 9' }
  t.equal(tie?.isAlive(), true, 'it may become another program')
  for (const later of [{ ...stat, startTime: '6' }, { ...stat, state: 'Z' }, undefined]) {
    now = later
    t.equal(tie?.isAlive(), false)
  }
  tie?.release()
  t.equal(released, 1)
  t.equal(tieToProcess(table, 7), undefined, 'nothing is tied to the dead')
  t.equal(released, 2)
  t.equal(tieToProcess({ hold: () => undefined }, 7), undefined)
})
