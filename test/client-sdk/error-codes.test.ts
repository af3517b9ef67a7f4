import { ERRORS, isErrorCode } from '@grantd/client'
import t from 'tap'

t.test('every code of the wire is known, and nothing that an object inherits', async (t) => {
  for (const code of Object.keys(ERRORS)) t.equal(isErrorCode(code), true, code)
  for (const value of ['nope', 'toString', '__proto__', 4, undefined])
    t.equal(isErrorCode(value), false, String(value))
})
