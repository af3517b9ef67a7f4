import t from 'tap'
import { judgeSystem } from '../../../cli/doctor/judge-system.ts'
import type { SwapStore } from '../../../cli/doctor/swap-space.ts'

t.test('ptrace and cores are worth knowing, and no fault', async (t) => {
  t.match(judgeSystem({}, false), [{ level: 'ok', what: /^ptrace: this kernel has no scope/ }])
  t.match(judgeSystem({ ptraceScope: '0' }, false), [
    { level: 'ok', what: /^ptrace scope 0/, advice: /sysctl kernel\.yama\.ptrace_scope=1$/ },
  ])
  t.same(judgeSystem({ ptraceScope: '1', corePattern: 'core.%p' }, false), [
    { level: 'ok', what: 'ptrace scope 1' },
    { level: 'ok', what: 'cores go to files; the daemon writes none' },
  ])
  t.match(judgeSystem({ corePattern: '|/usr/share/apport/apport %p %s' }, false)[1], {
    level: 'ok',
    what: 'cores go to /usr/share/apport/apport; the daemon writes none',
  })
})

t.test('swap that keeps memory readable is a warning', async (t) => {
  t.same(judgeSystem({ swaps: [] }, false)[1], { level: 'ok', what: 'no swap' })
  const swaps = (['encrypted', 'memory', 'plain', 'unknown'] as const).map((store: SwapStore) => ({
    path: `/dev/${store}`,
    type: 'partition' as const,
    store,
  }))
  t.match(judgeSystem({ swaps }, false).slice(1), [
    { level: 'ok', what: 'swap /dev/encrypted is encrypted' },
    { level: 'ok', what: 'swap /dev/memory is compressed memory' },
    { level: 'warn', what: /^swap \/dev\/plain is not encrypted/, advice: /dm-crypt/ },
    { level: 'warn', what: /^swap \/dev\/unknown may not be encrypted/, advice: /dm-crypt/ },
  ])
  const kept = judgeSystem({ swaps }, true).slice(3)
  t.match(kept, [
    { level: 'ok', what: /is not encrypted; the daemon is kept out/ },
    { level: 'ok' },
  ])
})
