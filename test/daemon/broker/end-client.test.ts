import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { endClient } from '../../../daemon/broker/end-client.ts'
import { FakeIssuers } from '../../fakes/fake-issuers.ts'
import { sampleGrant } from '../../fakes/sample-grant.ts'

const grant = sampleGrant({ registration: { managementUri: 'https://as.example/reg/1' } })
const record = { grant, registrationToken: Secret.fromText('rat-1') }

t.test('a client that nobody needs is deleted, and what stands in the way is said', async (t) => {
  const stays = 'the issuer lets nobody delete the registered client'
  for (const [deletion, end] of [
    [{ kind: 'deleted' }, { client: 'deleted' }],
    [{ kind: 'unsupported' }, { client: 'unsupported', problem: stays }],
    [
      { kind: 'refused', reason: 'status 401' },
      { client: 'refused', problem: 'the registered client stays: status 401' },
    ],
    [
      { kind: 'failed', reason: 'off' },
      { problem: 'the registered client is not deleted yet: off' },
    ],
  ] as const) {
    const issuers = new FakeIssuers()
    issuers.deletion = deletion
    t.same(await endClient(issuers, record, 'none'), end)
    t.same(issuers.deleted, ['https://as.example/reg/1 rat-1'])
  }
})

t.test('a client that others need, or that nothing manages, is left alone', async (t) => {
  const issuers = new FakeIssuers()
  t.same(await endClient(issuers, record, 'newer'), { client: 'kept' })
  t.same(await endClient(issuers, record, 'older'), {
    problem: 'an earlier login has still to be ended by this client',
  })
  for (const unmanaged of [{ grant }, { ...record, grant: sampleGrant({ registration: {} }) }])
    t.match(await endClient(issuers, unmanaged, 'none'), { client: 'unsupported' })
  t.same(issuers.deleted, [])
})
