import t from 'tap'
import { policyQuestion } from '../../../daemon/broker/ask-policy.ts'
import { fakeRooms, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, sampleGrant, samplePeer } from '../../fakes/sample-grant.ts'

const wanted = { grant: sampleGrant(), scope: ['a'], audience: API }

t.test('policy hears who asks, where, and for what', async (t) => {
  const rooms = fakeRooms()
  const caller = { ...sampleCaller({ listener: 'capability', capability: 'ci' }) }
  t.same(await policyQuestion(rooms, caller, wanted), {
    peer: samplePeer(),
    listener: 'capability',
    capability: 'ci',
    executableSha256: undefined,
    ...wanted,
  })
})

t.test('a hash is read only where a rule selects by one', async (t) => {
  const rooms = fakeRooms()
  let reads = 0
  const inquiry = {
    ...sampleCaller().inquiry,
    executableHash: async () => {
      reads += 1
      return 'ab'
    },
  }
  const caller = { ...sampleCaller(), inquiry }
  t.equal((await policyQuestion(rooms, caller, wanted)).executableSha256, undefined)
  t.equal(reads, 0)
  rooms.say.needsHash = true
  t.equal((await policyQuestion(rooms, caller, wanted)).executableSha256, 'ab')
  t.equal(reads, 1)
})
