import { GrantdUnreachableError } from '@grantd/client'
import t from 'tap'

t.test('it carries a code, a reason, a hint and the exit status of the command', async (t) => {
  const error = new GrantdUnreachableError('not_running', 'no daemon', 'start it')
  t.match(error, { name: 'GrantdUnreachableError', code: 'GRANTD_UNREACHABLE', hint: 'start it' })
  t.equal(error.exitStatus, 6)
  t.equal(error.message, 'no daemon')
})

t.test('only a deadline and a lost connection are worth another try', async (t) => {
  for (const reason of ['timed_out', 'lost'] as const)
    t.equal(new GrantdUnreachableError(reason, '').isRetryable, true, reason)
  for (const reason of ['not_running', 'untrusted', 'malformed', 'closed'] as const)
    t.equal(new GrantdUnreachableError(reason, '').isRetryable, false, reason)
})
