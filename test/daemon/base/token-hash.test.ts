import { PATTERNS } from '@grantd/client/protocol'
import t from 'tap'
import { tokenHash, tokenHashPrefix } from '../../../daemon/base/token-hash.ts'

t.test('a hash is the base64url SHA-256 that callers send', async (t) => {
  t.equal(tokenHash('abc'), 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0', 'FIPS 180 vector')
  t.equal(tokenHash(Buffer.from('abc')), tokenHash('abc'), 'bytes and text alike')
  t.match(tokenHash(''), new RegExp(PATTERNS.tokenHash))
})

t.test('the prefix in the audit log is the first 8 bytes of the same hash', async (t) => {
  t.equal(tokenHashPrefix('abc'), 'ba7816bf8f01cfea')
  const whole = Buffer.from(tokenHash('abc'), 'base64url')
  t.equal(tokenHashPrefix('abc'), whole.subarray(0, 8).toString('hex'))
})
