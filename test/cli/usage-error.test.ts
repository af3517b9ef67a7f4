import t from 'tap'
import { UsageError } from '../../cli/usage-error.ts'

t.test('a usage error is told apart by its name and may carry a hint', async (t) => {
  t.match(new UsageError('x is missing'), { name: 'UsageError', message: 'x is missing' })
  t.equal(new UsageError('x').hint, undefined)
  t.equal(new UsageError('x', 'try y').hint, 'try y')
})
