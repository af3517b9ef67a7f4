import t from 'tap'
import { lifetimeOf, readLifetime } from '../../../daemon/config/lifetime.ts'

t.test('a table says what it says, and nothing of the rest', async (t) => {
  t.same(readLifetime({}), {})
  t.same(readLifetime({ session_age: '30d', idle_age: '12h', access_token: '10m' }), {
    sessionAgeSeconds: 2_592_000,
    idleAgeSeconds: 43_200,
    accessTokenSeconds: 600,
  })
})

t.test('what a grant’s own table names stands in the place of the general limit', async (t) => {
  const config = {
    lifetime: { sessionAgeSeconds: 100, idleAgeSeconds: 50 },
    grants: { work: { lifetime: { sessionAgeSeconds: 900, accessTokenSeconds: 60 } } },
  }
  t.same(lifetimeOf(config, 'work'), {
    sessionAgeSeconds: 900,
    idleAgeSeconds: 50,
    accessTokenSeconds: 60,
  })
  for (const name of ['home', 'constructor', '__proto__'])
    t.same(lifetimeOf(config, name), config.lifetime)
})

t.test('what the system says holds, whoever says more', async (t) => {
  const config = {
    lifetime: { sessionAgeSeconds: 100, idleAgeSeconds: 50 },
    grants: { work: { lifetime: { sessionAgeSeconds: 900 } } },
    ceiling: { sessionAgeSeconds: 200, accessTokenSeconds: 60 },
  }
  t.same(lifetimeOf(config, 'work'), {
    sessionAgeSeconds: 200,
    idleAgeSeconds: 50,
    accessTokenSeconds: 60,
  })
  t.same(lifetimeOf(config, 'home'), {
    sessionAgeSeconds: 100,
    idleAgeSeconds: 50,
    accessTokenSeconds: 60,
  })
})

t.test('another configuration is asked anew', async (t) => {
  const config = { lifetime: { sessionAgeSeconds: 100 }, grants: {} }
  t.equal(lifetimeOf(config, 'work'), lifetimeOf(config, 'work'))
  t.same(lifetimeOf({ ...config, lifetime: {} }, 'work'), {})
})
