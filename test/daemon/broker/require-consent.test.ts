import t from 'tap'
import { requireConsent } from '../../../daemon/broker/require-consent.ts'
import { revokeGrant } from '../../../daemon/broker/revoke-grant.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, sampleGrant, samplePeer } from '../../fakes/sample-grant.ts'

const matter = {
  grant: sampleGrant(),
  target: { scope: ['repo:read'], audience: API },
  wish: 'once',
  maxLifetimeSeconds: 900,
  purpose: 'git fetch',
} as const

t.test('the person is asked about exactly what the caller gets', async (t) => {
  const rooms = await roomsWithGrant()
  const ancestors = [{ pid: 7, executable: '/bin/sh' }]
  const caller = sampleCaller({
    inquiry: { ...sampleCaller().inquiry, ancestors: () => ancestors },
  })
  t.ok((await requireConsent(rooms, caller, matter)).stillStands('once'))
  t.match(rooms.prompts, [
    {
      peer: samplePeer(),
      listener: 'broker',
      grant: 'work',
      grantId: 'grant-1',
      scope: ['repo:read'],
      audience: API,
      lifetimeSeconds: 900,
      purpose: 'git fetch',
    },
  ])
  t.same(rooms.prompts[0]?.ancestors(), ancestors)
})

t.test('the lifetime is the least of what limits it', async (t) => {
  const rooms = await roomsWithGrant()
  const cases = [
    [900, 600, 600],
    [300, 600, 300],
    [undefined, 600, 600],
    [900, undefined, 900],
    [undefined, undefined, undefined],
  ] as const
  for (const [maxLifetimeSeconds, accessTokenSeconds, expected] of cases) {
    rooms.say.lifetime = accessTokenSeconds === undefined ? {} : { accessTokenSeconds }
    await requireConsent(rooms, sampleCaller(), { ...matter, maxLifetimeSeconds })
    t.equal(rooms.prompts.at(-1)?.lifetimeSeconds, expected)
  }
})

t.test('each refusal has its code and says why', async (t) => {
  const rooms = await roomsWithGrant()
  const ask = () => requireConsent(rooms, sampleCaller(), matter)
  rooms.say.person = async () => ({ kind: 'denied', reason: 'the person at the prompt said no' })
  await t.rejects(ask(), { code: 'consent_denied', message: 'the person at the prompt said no' })
  rooms.say.person = async () => ({ kind: 'unavailable', reason: 'no pinentry is installed' })
  await t.rejects(ask(), {
    code: 'consent_unavailable',
    message: 'nobody can be asked: no pinentry is installed',
  })
  rooms.say.person = async () => ({ kind: 'withdrawn' })
  await t.rejects(ask(), { code: 'access_denied', message: /ask again/ })
})

t.test('a question that a revocation took away says so', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.person = async () => {
    await revokeGrant(rooms, sampleCaller({ listener: 'admin' }), 'work')
    return { kind: 'withdrawn' }
  }
  await t.rejects(requireConsent(rooms, sampleCaller(), matter), { code: 'login_required' })
  t.ok(rooms.forgotten.includes('grant-1'))
})
