import t from 'tap'
import { FAULTS } from '../issuers/faulty-proxy.ts'
import { API_A, API_B } from '../issuers/oidc-issuer.ts'
import { FULL_SCOPE, startWorld, tokenOf } from './world.ts'

const text403 = {
  kind: 'answer',
  answer: () => ({ status: 403, headers: { 'content-type': 'text/plain' }, body: 'no' }),
} as const

const page502 = {
  kind: 'answer',
  answer: () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>bad</h1>' }),
} as const

t.test('one answer that is no token endpoint’s costs a pause, never the grant', async (t) => {
  const faults = { page502, text403, html: FAULTS.html, redirect: FAULTS.redirect }
  for (const [name, fault] of Object.entries(faults)) {
    const world = await startWorld()
    await world.login()
    const before = world.issuer.counts('refresh_token')
    world.issuer.proxy.next(fault)
    const refused = await world.token({ grant: 'work' })
    const away = { status: 503, body: { code: 'issuer_unreachable' } }
    t.match(refused, away, name)
    for (let i = 0; i < 5; i++) t.match(await world.token({ grant: 'work' }), away, name)
    t.equal(world.issuer.counts('refresh_token'), before, `${name}: nothing is sent meanwhile`)
    const { body } = await world.ask('admin', 'GET', '/v1/grants/work')
    t.equal(body?.['state'], 'active', name)
    await world.close()
  }
})

t.test('a cached token is served while its issuer gives no usable answer', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const { access_token } = tokenOf(await world.token({ grant: 'work', scope: 'repo:read' }))
  world.issuer.proxy.next({ kind: 'drop_before' })
  t.match(await world.token({ grant: 'work' }), { status: 503 })
  t.equal(
    tokenOf(await world.token({ grant: 'work', scope: 'repo:read' })).access_token,
    access_token,
  )
})

t.test('a tool sees the grants it may have tokens of, those with audiences too', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login({
    scope: `${FULL_SCOPE} issues:read`,
    audience: [API_A, API_B],
  })
  await world.login({ grant: 'plain', audience: [], scope: 'openid offline_access email' })
  t.match(await world.ask('broker', 'GET', '/v1/grants'), {
    status: 200,
    body: {
      grants: [
        { grant: 'work', state: 'active' },
        { grant: 'plain', state: 'active' },
      ],
    },
  })
})
