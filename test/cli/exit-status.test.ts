import { ERRORS, type ErrorCode, GrantdError } from '@grantd/client'
import t from 'tap'
import { answer } from '../../cli/answer.ts'
import { exitStatus } from '../../cli/exit-status.ts'
import { UsageError } from '../../cli/usage-error.ts'

t.test('each code of the wire has its own exit status', async (t) => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    t.equal(exitStatus(new GrantdError(code, 'x')), ERRORS[code].exit, code)
  }
})

t.test('errors without a code', async (t) => {
  t.equal(exitStatus(new UsageError('x')), 2)
  t.equal(exitStatus(new TypeError('x')), 1)
  t.equal(exitStatus('x'), 1)
  try {
    answer(undefined)
  } catch (error) {
    t.equal(exitStatus(error), 6)
  }
})
