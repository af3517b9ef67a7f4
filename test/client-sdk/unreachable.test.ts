import { GrantdUnreachableError } from '@grantd/client'
import t from 'tap'
import { malformed, notRunning } from '#sdk/unreachable'

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

t.test('it says that something else than grantd answered', async (t) => {
  t.match(malformed('broken JSON'), {
    name: 'GrantdUnreachableError',
    reason: 'malformed',
    message: 'what answered is not grantd: broken JSON',
  })
})

const failure = (code: string) => Object.assign(new Error('x'), { code })

t.test('nothing listens: the hint says how to start the daemon', async (t) => {
  for (const code of ['ENOENT', 'ECONNREFUSED'])
    t.match(notRunning('/s', failure(code)), {
      reason: 'not_running',
      message: 'no daemon listens on "/s"',
      hint: 'start it: grantd serve',
    })
})

t.test('a full queue of connections can be tried again', async (t) => {
  t.equal(notRunning('/s', failure('EAGAIN')).isRetryable, true)
})

t.test('anything else is named by its code, without a hint that would not help', async (t) => {
  t.match(notRunning('/s', failure('EACCES')), { message: 'cannot connect to "/s" (EACCES)' })
  t.match(notRunning('/s', undefined), { message: /unknown/, hint: undefined })
})
