import t from 'tap'
import {
  MAX_KEPT_BYTES,
  MAX_KEPT_TOKENS,
  packTokens,
  unpackTokens,
} from '../../../daemon/vault/kept-tokens.ts'

t.test('what was packed is unpacked, the longest life first', async (t) => {
  const tokens = [
    { value: 'at-1', expiresAt: 1 },
    { value: 'a.b-c~d_e', expiresAt: 3 },
    { value: 'at-2', expiresAt: 2 },
  ]
  const { secret, left } = packTokens(tokens)
  t.equal(left, 0)
  t.same(unpackTokens(secret), [tokens[1], tokens[2], tokens[0]])
})

t.test('no tokens are no secret', async (t) => {
  t.same(packTokens([]), { left: 0 })
  t.same(unpackTokens(undefined), [])
})

t.test('what has no room is counted, and dies first', async (t) => {
  const many = Array.from({ length: MAX_KEPT_TOKENS + 3 }, (_, at) => ({
    value: `at-${at}`,
    expiresAt: at,
  }))
  const packed = packTokens(many)
  t.equal(packed.left, 3)
  const kept = unpackTokens(packed.secret)
  t.equal(kept.length, MAX_KEPT_TOKENS)
  t.equal(kept.at(-1)?.expiresAt, 3)
  const huge = { value: 'x'.repeat(MAX_KEPT_BYTES), expiresAt: 9 }
  const beside = packTokens([huge, { value: 'small', expiresAt: 1 }])
  t.equal(beside.left, 1)
  t.same(unpackTokens(beside.secret), [{ value: 'small', expiresAt: 1 }])
  t.same(packTokens([huge]), { left: 1 })
})
