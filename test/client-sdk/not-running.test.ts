import t from 'tap'
import { notRunning } from '#sdk/not-running'

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
