import { ERRORS, GrantdError } from '@grantd/client'
import fc from 'fast-check'
import t from 'tap'
import { parseProblem } from '#sdk/parse-problem'

t.test('a known code keeps its sentence, hint and delay', async (t) => {
  const error = parseProblem(429, {
    code: 'rate_limited',
    detail: 'asked too often',
    retry_after: 1.2,
    hint: 'wait',
  })
  t.match(error, { code: 'rate_limited', message: 'asked too often', hint: 'wait' })
  t.equal(error.retryAfterSeconds, 2)
})

const nearest = [
  [400, 'invalid_request'],
  [401, 'login_required'],
  [403, 'access_denied'],
  [404, 'unknown_grant'],
  [418, 'invalid_request'],
  [423, 'vault_locked'],
  [429, 'rate_limited'],
  [500, 'internal_error'],
  [502, 'issuer_rejected'],
  [503, 'overloaded'],
  [504, 'internal_error'],
] as const

for (const [status, code] of nearest)
  t.test(`an unknown code with status ${status} counts as ${code} and is named`, async (t) => {
    const error = parseProblem(status, { code: 'brand_new', title: 'new' })
    t.match(error, { code, message: 'new (unknown code "brand_new")' })
  })

t.test('what a terminal would obey is taken out of every text', async (t) => {
  const error = parseProblem(404, { code: 'a\u202eb', detail: 'x\u001b[2Jy', hint: 'do\nit' })
  t.match(error, { message: 'x?[2Jy (unknown code "a?b")', hint: 'do?it' })
})

t.test('the login that stands in the way comes along, as far as it is text', async (t) => {
  const login = { verification_uri: 'https://as.example/device', user_code: 'WDJB\u001b-MJHT' }
  t.same(parseProblem(400, { code: 'invalid_request', login }).login, {
    verificationUri: 'https://as.example/device',
    userCode: 'WDJB?-MJHT',
  })
  t.match(parseProblem(400, { login: { user_code: 'AB' } }).login, {
    verificationUri: undefined,
    userCode: 'AB',
  })
  for (const odd of [undefined, null, 'x', {}, { verification_uri: 7, user_code: '' }])
    t.equal(parseProblem(400, { login: odd }).login, undefined)
})

t.test('no document, however odd, makes it fail', async (t) => {
  const codes = fc.oneof(fc.constantFrom(...Object.keys(ERRORS)), fc.anything())
  const document = fc.oneof(
    fc.anything(),
    fc.record({
      code: codes,
      detail: fc.anything(),
      retry_after: fc.anything(),
      login: fc.anything(),
    }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), document, (status, problem) => {
      const error = parseProblem(status, problem)
      return error instanceof GrantdError && error.message !== ''
    }),
    { numRuns: 300 },
  )
  t.match(parseProblem(500, null), { message: /^status 500/, retryAfterSeconds: undefined })
  t.equal(parseProblem(503, { retry_after: -1 }).retryAfterSeconds, undefined)
})
