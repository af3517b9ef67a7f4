import t from 'tap'
import { ConnectionBudget, connectionCaps } from '../../../daemon/listener/connection-budget.ts'

t.test('two descriptors per connection, a reserve, a quarter for one process', async (t) => {
  const cases: readonly [limit: number | undefined, inAll: number, perPid: number][] = [
    [256, 64, 16],
    [1_024, 448, 112],
    [4_096, 1_984, 496],
    [20_000, 9_936, 2_048],
    [1_048_576, 12_000, 2_048],
    [Number.POSITIVE_INFINITY, 12_000, 2_048],
    [undefined, 12_000, 2_048],
  ]
  for (const [limit, inAll, perPid] of cases)
    t.same(connectionCaps(limit), { inAll, perPid }, String(limit))
})

t.test('too few descriptors are a sentence, not a daemon that fails later', async (t) => {
  t.throws(() => connectionCaps(255), {
    name: 'StartupError',
    message: 'only 255 files may be open at once; 256 are needed',
    hint: /ulimit -n 256/,
  })
})

t.test('what is taken is counted until it is given back', async (t) => {
  const budget = new ConnectionBudget({ inAll: 12, perPid: 2 })
  t.same([budget.take(1), budget.take(1)], [undefined, undefined])
  t.equal(budget.take(1), 'too_many_of_process')
  t.equal(budget.take(2), undefined)
  t.equal(budget.open, 3)
  budget.give(1)
  budget.give(1)
  t.equal(budget.open, 1)
  t.equal(budget.taken, 3, 'since the start')
  t.same([budget.take(1), budget.take(1)], [undefined, undefined])
  for (let pid = 3; budget.open < 12; pid++) t.equal(budget.take(pid), undefined)
  t.equal(budget.take(100), 'too_many')
})

t.test('greedy processes leave room for those that have nothing yet', async (t) => {
  const caps = connectionCaps(256)
  const budget = new ConnectionBudget(caps)
  const greed = (pid: number): number => {
    let taken = 0
    while (budget.take(pid) === undefined) taken += 1
    return taken
  }
  t.same([1, 2, 3, 4].map(greed), [16, 12, 9, 7], 'a quarter of what was left')
  t.equal(budget.open, 44, 'four used to fill all 64')
  t.equal(budget.take(5), undefined)
  t.ok(greed(6) >= 4)
})
