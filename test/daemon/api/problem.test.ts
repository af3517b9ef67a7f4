import { ERRORS, type ErrorCode, GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { grantdErrorOf, problemOf } from '../../../daemon/api/problem.ts'

t.test('every code has its status, title and type', async (t) => {
  for (const code of Object.keys(ERRORS) as ErrorCode[])
    t.same(problemOf(new GrantdError(code, 'why')), {
      type: `urn:grantd:error:${code}`,
      title: ERRORS[code].title,
      status: ERRORS[code].status,
      code,
      detail: 'why',
    })
})

t.test('when to come back and what helps are told where it applies', async (t) => {
  const extras = { retryAfterSeconds: 0, hint: 'grantd login work' }
  t.match(problemOf(new GrantdError('overloaded', 'x', extras)), {
    retry_after: 0,
    hint: 'grantd login work',
  })
})

t.test('nothing that could draw on a terminal goes back, and not without end', async (t) => {
  t.equal(problemOf(new GrantdError('invalid_request', '\u001b[31m"é"\n')).detail, '?[31m"?"?')
  t.equal(problemOf(new GrantdError('invalid_request', 'x'.repeat(999))).detail.length, 300)
  const hint = '\u001b[2Jgrantd login'
  t.equal(problemOf(new GrantdError('invalid_request', 'x', { hint })).hint, '?[2Jgrantd login')
})

t.test('the login that stands in the way is told, as far as there is one', async (t) => {
  const error = (login?: GrantdError['login']) =>
    problemOf(new GrantdError('invalid_request', 'another login is pending', { login }))
  const uri = `https://issuer.example/${'x'.repeat(400)}`
  t.same(error({ verificationUri: uri, userCode: 'AB\u202eCD' }).login, {
    verification_uri: uri,
    user_code: 'AB?CD',
  })
  t.same(error({}).login, {})
  t.notOk('login' in error())
})

t.test('what the caller did wrong is named, a mistake of ours is not', async (t) => {
  const own = new GrantdError('rate_limited', 'slowly')
  t.equal(grantdErrorOf(own), own)
  const invalid = (instancePath: string, message: string | undefined, params: object) => ({
    statusCode: 400,
    validation: [{ instancePath, params, ...(message && { message }) }],
  })
  const cases: readonly [unknown, ErrorCode, string][] = [
    [
      invalid('', 'must NOT have additional properties', { additionalProperty: 'x' }),
      'invalid_request',
      'the request must NOT have additional properties "x"',
    ],
    [invalid('/scope', 'must be string', {}), 'invalid_request', '"scope" must be string'],
    [invalid('/a', undefined, {}), 'invalid_request', '"a" is not valid'],
    [{ statusCode: 413 }, 'invalid_request', 'the body is too large'],
    [{ statusCode: 415 }, 'invalid_request', 'the body must be "application/json"'],
    [{ statusCode: 400, message: 'secret' }, 'invalid_request', 'the request is not well formed'],
    [
      { statusCode: 500, message: 'secret' },
      'internal_error',
      'a mistake of the daemon; its log says more',
    ],
    [new Error('secret'), 'internal_error', 'a mistake of the daemon; its log says more'],
    [undefined, 'internal_error', 'a mistake of the daemon; its log says more'],
    ['secret', 'internal_error', 'a mistake of the daemon; its log says more'],
  ]
  for (const [thrown, code, message] of cases) t.match(grantdErrorOf(thrown), { code, message })
})
