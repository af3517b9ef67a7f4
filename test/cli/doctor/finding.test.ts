import t from 'tap'
import { fail, ok, warn } from '../../../cli/doctor/finding.ts'

t.test('a finding without advice has no such member', async (t) => {
  t.same(ok('well'), { level: 'ok', what: 'well' })
  t.same(ok('well', 'more'), { level: 'ok', what: 'well', advice: 'more' })
  t.same(warn('old', 'update'), { level: 'warn', what: 'old', advice: 'update' })
  t.same(fail('gone', 'start'), { level: 'fail', what: 'gone', advice: 'start' })
})
