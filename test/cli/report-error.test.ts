import { GrantdError } from '@grantd/client'
import t from 'tap'
import { answer } from '../../cli/answer.ts'
import { reportError } from '../../cli/report-error.ts'
import { UsageError } from '../../cli/usage-error.ts'

const USAGE = 'grantd token GRANT [OPTION]...'

function unreachable(): unknown {
  try {
    return answer(undefined)
  } catch (error) {
    return error
  }
}

t.test('a person reads the detail and what helps', async (t) => {
  const cases: [unknown, string][] = [
    [new GrantdError('access_denied', 'no rule'), 'grantd: no rule\n'],
    [
      new GrantdError('rate_limited', 'too fast', { hint: 'slow down', retryAfterSeconds: 7 }),
      'grantd: too fast\nhint: slow down\nhint: try again in 7 s\n',
    ],
    [new UsageError('what?', 'this'), `grantd: what?\nhint: this\nusage: ${USAGE}\n`],
    [new UsageError('what?'), `grantd: what?\nusage: ${USAGE}\n`],
    [new TypeError('a bug'), 'grantd: a bug\n'],
    [Object.assign(new Error('no start'), { hint: 'do it' }), 'grantd: no start\nhint: do it\n'],
    [Object.assign(new Error('no start'), { hint: 5 }), 'grantd: no start\n'],
    ['thrown', 'grantd: thrown\n'],
    [new GrantdError('access_denied', 'a\x1b[2Jb\nc'), 'grantd: a\u{fffd}[2Jb\u{fffd}c\n'],
  ]
  for (const [error, text] of cases) t.equal(reportError(error, USAGE, false), text)
  t.match(reportError(unreachable(), USAGE, false), /^grantd: .*\nhint: .*grantd doctor\n$/)
})

t.test('a program reads a problem object in one line', async (t) => {
  const extras = { hint: 'slow down', retryAfterSeconds: 7 }
  const line = reportError(new GrantdError('rate_limited', 'too fast', extras), USAGE, true)
  t.match(line, /^[^\n]+\n$/)
  t.same(JSON.parse(line), {
    type: 'urn:grantd:error:rate_limited',
    title: 'asked too often',
    status: 429,
    code: 'rate_limited',
    detail: 'too fast',
    hint: 'slow down',
    retry_after: 7,
  })
  t.match(JSON.parse(reportError(new UsageError('what?'), USAGE, true)), {
    code: 'invalid_request',
    detail: 'what?',
  })
  t.match(JSON.parse(reportError(unreachable(), USAGE, true)), {
    type: 'about:blank',
    title: 'no daemon answers',
  })
  t.same(JSON.parse(reportError(new Error('a bug'), USAGE, true)), {
    type: 'about:blank',
    title: 'the command failed',
    detail: 'a bug',
  })
})
