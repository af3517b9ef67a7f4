import t from 'tap'
import { ExcessCounts } from '../../../daemon/api/excess-counts.ts'

t.test('each kind has a count of its own', async (t) => {
  const counts = new ExcessCounts()
  counts.count('late')
  counts.count('late')
  counts.count('oversized')
  t.same([counts.of('late'), counts.of('oversized')], [2, 1])
})
