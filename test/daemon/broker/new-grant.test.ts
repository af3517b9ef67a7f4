import t from 'tap'
import { newGrant, withAudience } from '../../../daemon/broker/new-grant.ts'
import type { LoginPlan } from '../../../daemon/broker/plan-login.ts'
import { API, ISSUER } from '../../fakes/sample-grant.ts'

const metadata = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` }
const request: LoginPlan = { grant: 'work', issuer: ISSUER, client_id: 'c', flow: 'device' }
const client = { clientId: 'c', isRegistered: false }
const bare = {
  id: 'x',
  request,
  client,
  metadata,
  scope: [],
  expiresInSeconds: undefined,
  subject: undefined,
  at: 1_000,
}

t.test('a grant knows its first audience only', async (t) => {
  const asked = { ...request, scope: 'a b', audience: [API, 'https://b.example'] }
  const grant = newGrant({ ...bare, request: asked, scope: ['a'], expiresInSeconds: 5 })
  t.match(grant, {
    id: 'x',
    name: 'work',
    scopes: { [API]: ['a'] },
    audiences: [API],
    generation: 1,
    state: { kind: 'active' },
    scopeNarrowing: 'none',
    createdAt: 1_000,
    accessTokensExpireAt: 6_000,
  })
})

t.test('a grant without an audience and a scope holds nothing by name', async (t) => {
  const grant = newGrant(bare)
  t.match(grant, { scopes: { '': [] }, audiences: [] })
  t.equal(grant.accessTokensExpireAt, 61_000, 'an unstated lifetime is a short one')
  const honored = { ...request, scope_narrowing: 'honored' as const }
  t.equal(newGrant({ ...bare, request: honored }).scopeNarrowing, 'honored')
  t.equal(grant.refreshInvalidatesAccessTokens, false)
  t.notOk('rotationGraceSeconds' in grant)
  t.notOk('subject' in grant)
  t.equal(newGrant({ ...bare, subject: 'ada' }).subject, 'ada')
  const ways = { rotation_grace: 0, refresh_invalidates_access_tokens: true }
  t.match(newGrant({ ...bare, request: { ...request, ...ways } }), {
    rotationGraceSeconds: 0,
    refreshInvalidatesAccessTokens: true,
  })
})

t.test('one more audience is recorded with its scope', async (t) => {
  const grant = newGrant({ ...bare, request: { ...request, audience: [API] } })
  t.match(withAudience(grant, 'https://b.example', ['c']), {
    audiences: [API, 'https://b.example'],
    scopes: { [API]: [], 'https://b.example': ['c'] },
  })
})

t.test('a grant knows that its client was registered for it, and where', async (t) => {
  t.notOk('registration' in newGrant(bare))
  const registered = { clientId: 'r', isRegistered: true }
  t.match(newGrant({ ...bare, client: registered }), { clientId: 'r', registration: {} })
  const managed = { ...registered, managementUri: 'https://as.example/reg/r' }
  t.match(newGrant({ ...bare, client: managed }).registration, {
    managementUri: 'https://as.example/reg/r',
  })
})

t.test('a grant keeps the preset of its login', async (t) => {
  const preset = { name: 'gitlab', values: { host: 'git.example' } }
  t.same(newGrant({ ...bare, request: { ...bare.request, preset } }).preset, preset)
  t.notOk('preset' in newGrant(bare))
})
