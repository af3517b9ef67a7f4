import t from 'tap'
import { loginHint, tokenKey } from '../../../daemon/broker/token-key.ts'
import { API, sampleGrant } from '../../fakes/sample-grant.ts'

const target = { audience: API, scope: ['repo:read'], sentScope: ['repo:read'] }

t.test('a rotation ends earlier tokens only where the issuer says so', async (t) => {
  const key = tokenKey(sampleGrant({ generation: 7 }), target)
  t.same(key, {
    grantId: 'grant-1',
    validSinceGeneration: 1,
    audience: API,
    scope: ['repo:read'],
    thumbprint: undefined,
  })
  const strict = sampleGrant({ generation: 7, refreshInvalidatesAccessTokens: true })
  t.equal(tokenKey(strict, target).validSinceGeneration, 7)
})

t.test('a grant that was changed has another key, and the same one the same', async (t) => {
  const grant = sampleGrant({ generation: 7, refreshInvalidatesAccessTokens: true })
  t.equal(tokenKey(grant, target), tokenKey(grant, target))
  const rotated = { ...grant, generation: 8 }
  t.equal(tokenKey(rotated, target).validSinceGeneration, 8)
  t.equal(tokenKey(grant, target).validSinceGeneration, 7)
  t.not(tokenKey(grant, { ...target }), tokenKey(grant, target))
})

t.test('the hint is the command that helps', async (t) => {
  t.same(loginHint(sampleGrant()), { hint: 'grantd login work' })
})
