import t from 'tap'
import { clientUse } from '../../../daemon/broker/client-use.ts'
import { sampleGrant } from '../../fakes/sample-grant.ts'

const grant = sampleGrant({ id: 'a', createdAt: 5 })
const revoked = (revocation: 'queued' | 'none') => ({ kind: 'revoked', at: 1, revocation }) as const

t.test('a client is needed by whoever lives or has still to be told about', async (t) => {
  for (const [other, use] of [
    [{ createdAt: 6 }, 'newer'],
    [{ createdAt: 4 }, 'older'],
    [{ createdAt: 6, state: revoked('queued') }, 'newer'],
    [{ createdAt: 4, state: revoked('queued') }, 'older'],
    [{ createdAt: 6, state: revoked('none') }, 'none'],
    [{ createdAt: 6, clientId: 'another' }, 'none'],
    [{ createdAt: 6, metadata: { ...grant.metadata, issuer: 'https://b.example' } }, 'none'],
  ] as const)
    t.equal(clientUse([grant, sampleGrant({ id: 'b', ...other })], grant), use)
  t.equal(clientUse([grant], grant), 'none')
})
