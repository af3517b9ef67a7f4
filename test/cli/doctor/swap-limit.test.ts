import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { PLACES } from '../../../cli/doctor/places.ts'
import { isKeptOutOfSwap } from '../../../cli/doctor/swap-limit.ts'

const GROUP = 'user.slice/grantd.service'

t.test('a control group without swap keeps its processes out of it', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'grantd-group-'))
  t.teardown(() => rmSync(base, { recursive: true, force: true }))
  const places = { ...PLACES, proc: join(base, 'proc'), sys: join(base, 'sys') }
  const isOut = () => isKeptOutOfSwap(places, 42)
  t.equal(await isOut(), false, 'no such process')
  mkdirSync(join(base, 'proc/42'), { recursive: true })
  const groups = join(base, 'proc/42/cgroup')
  writeFileSync(groups, '4:memory:/old\n')
  t.equal(await isOut(), false, 'an older kernel')
  writeFileSync(groups, `4:memory:/old\n0::/${GROUP}\n`)
  t.equal(await isOut(), false, 'nobody is in charge of memory there')
  mkdirSync(join(base, 'sys/fs/cgroup', GROUP), { recursive: true })
  const limit = join(base, 'sys/fs/cgroup', GROUP, 'memory.swap.max')
  writeFileSync(limit, 'max\n')
  t.equal(await isOut(), false)
  writeFileSync(limit, '0\n')
  t.equal(await isOut(), true)
})
