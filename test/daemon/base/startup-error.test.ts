import t from 'tap'
import { StartupError } from '../../../daemon/base/startup-error.ts'

t.test('a failed start says why, and what to do where there is something to do', async (t) => {
  const error = new StartupError('"/x" is a file', 'move "/x" away')
  t.match(error, { name: 'StartupError', message: '"/x" is a file', hint: 'move "/x" away' })
  t.ok(error instanceof Error)
  t.equal(new StartupError('no').hint, undefined)
})
