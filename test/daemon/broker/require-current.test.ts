import t from 'tap'
import { requireCurrent } from '../../../daemon/broker/require-current.ts'
import { transition } from '../../../daemon/grant/transition.ts'
import { roomsWithGrant } from '../../fakes/fake-rooms.ts'
import { sampleGrant, sampleRecord } from '../../fakes/sample-grant.ts'

t.test('a grant is current until it is revoked or another login has its name', async (t) => {
  const rooms = await roomsWithGrant()
  const grant = sampleGrant()
  await rooms.vault().change(grant.id, (record) => ({
    ...record,
    grant: { ...record.grant, generation: 7 },
  }))
  t.equal(requireCurrent(rooms, grant).generation, 7, 'as it is now')
  await rooms.vault().change(grant.id, (record) => ({
    ...record,
    grant: transition(record.grant, { kind: 'revoked', at: 1, revocation: 'none' }),
  }))
  t.throws(() => requireCurrent(rooms, grant), {
    code: 'login_required',
    hint: 'grantd login work',
  })
  await rooms.vault().add(sampleRecord({ id: 'newer', createdAt: rooms.clock.now() }))
  t.throws(() => requireCurrent(rooms, grant), { code: 'login_required' })
  t.throws(() => requireCurrent(rooms, sampleGrant({ name: 'nobody' })), { code: 'unknown_grant' })
})
