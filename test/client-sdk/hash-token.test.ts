import t from 'tap'
import { hashToken } from '#sdk/hash-token'

t.test('it is the base64url SHA-256 without padding', async (t) => {
  t.equal(await hashToken('abc'), 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
})
