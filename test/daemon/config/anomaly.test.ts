import t from 'tap'
import { ANOMALY_KEYS, readAnomaly } from '../../../daemon/config/anomaly.ts'

t.test('a hook is an absolute path and its arguments', async (t) => {
  const { read, wish } = ANOMALY_KEYS.hook
  for (const hook of [
    ['/bin/x'],
    ['/bin/x', 'a b', '$(c)', '\u00e4'],
    ['/x', ...Array(15).fill('y')],
  ])
    t.same(read(hook), hook)
  for (const wrong of [
    '/bin/x',
    [],
    ['x'],
    ['/'],
    ['', '/x'],
    ['/bin/x', 1],
    [1, '/bin/x'],
    ['/bin/x', 'a\0b'],
    ['/bin/x', 'a\nb'],
    ['/bin/x', ''],
    ['/x', 'y'.repeat(1_025)],
    ['/x', ...Array(16).fill('y')],
    undefined,
  ])
    t.equal(read(wrong), undefined, JSON.stringify(wrong))
  t.match(wish, 'absolute path')
})

t.test('the table has a hook, hours and days, and each may be missing', async (t) => {
  t.same(readAnomaly({}), {})
  t.same(readAnomaly({ hook: ['/bin/x'] }), { hook: ['/bin/x'] })
  t.same(readAnomaly({ days: 'mon' }), { window: { days: ['mon'] } })
  t.same(readAnomaly({ hours: '08:00-18:00', days: ['mon', 'tue'] }), {
    window: { hours: { from: 480, to: 1_080 }, days: ['mon', 'tue'] },
  })
})
