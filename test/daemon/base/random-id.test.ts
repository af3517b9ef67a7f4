import t from 'tap'
import { randomId } from '../../../daemon/base/random-id.ts'

t.test('an identifier is 22 characters of base64url, and no two are alike', async (t) => {
  const ids = Array.from({ length: 1000 }, randomId)
  t.equal(new Set(ids).size, 1000)
  t.ok(ids.every((id) => /^[A-Za-z0-9_-]{22}$/.test(id)))
})
