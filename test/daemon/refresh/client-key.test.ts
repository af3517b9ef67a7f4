import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { clientKey, requestKey } from '../../../daemon/refresh/client-key.ts'
import { sampleGrant } from '../../fakes/sample-grant.ts'

t.test('grants of one client share a key, and nobody else does', async (t) => {
  const grant = sampleGrant()
  const same = sampleGrant({ id: 'other', name: 'home', generation: 9 })
  t.equal(clientKey(grant, undefined), clientKey(same, undefined))
  t.equal(clientKey(grant, Secret.fromText('a')), clientKey(same, Secret.fromText('a')))
  const keys = [
    clientKey(grant, undefined),
    clientKey(grant, Secret.fromText('a')),
    clientKey(grant, Secret.fromText('b')),
    clientKey(sampleGrant({ clientId: 'other' }), undefined),
    clientKey(
      sampleGrant({ metadata: { ...grant.metadata, issuer: 'https://other.example' } }),
      undefined,
    ),
    grant.id,
  ]
  t.equal(new Set(keys).size, keys.length)
})

t.test('the key does not say the secret', async (t) => {
  t.notMatch(clientKey(sampleGrant(), Secret.fromText('canary-7f3a')), /canary/)
})

t.test('requests of a grant for one audience share a key', async (t) => {
  const keys = [
    requestKey('a', undefined),
    requestKey('a', 'https://api.example'),
    requestKey('b', undefined),
    'a',
  ]
  t.equal(new Set(keys).size, keys.length)
})
