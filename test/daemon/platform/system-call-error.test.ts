import { constants } from 'node:os'
import t from 'tap'
import { SystemCallError } from '../../../daemon/platform/system-call-error.ts'

t.test('a failed call names itself and its errno', async (t) => {
  const error = new SystemCallError('flock', constants.errno.EBADF)
  t.equal(error.message, 'flock: EBADF')
  t.equal(error.call, 'flock')
  t.equal(error.errno, constants.errno.EBADF)
})
