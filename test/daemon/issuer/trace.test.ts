import t from 'tap'
import { newTrace } from '../../../daemon/issuer/trace.ts'

t.test('a new trace says that nothing left and nothing came', async (t) => {
  const trace = newTrace()
  t.equal(trace.mayHaveLeft, false)
  t.equal(trace.status, undefined)
  t.equal(trace.hasSuccessor, false)
  t.equal(trace.subject, undefined)
  t.not(trace, newTrace())
})
