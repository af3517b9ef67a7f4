import { type GrantDetail, GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { loginKey, loginView, type PendingLogin } from '../../../daemon/broker/pending-login.ts'
import type { LoginPlan } from '../../../daemon/broker/plan-login.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'
import { ISSUER } from '../../fakes/sample-grant.ts'

const request: LoginPlan = { grant: 'work', issuer: ISSUER, client_id: 'c', flow: 'device' }

t.test('a second request joins only when it means the same login', async (t) => {
  const same = {
    ...request,
    scope: '',
    audience: [],
    scope_narrowing: 'none',
    refresh_invalidates_access_tokens: false,
  } as const
  t.equal(loginKey(request), loginKey(same))
  const others: readonly Partial<LoginPlan>[] = [
    { grant: 'home' },
    { issuer: 'https://other.example' },
    { client_id: 'd' },
    { client_secret: '' },
    { client_secret: 'hush' },
    { client_secret: 'other' },
    { scope: 'a' },
    { audience: ['https://a.example'] },
    { flow: 'browser' },
    { scope_narrowing: 'honored' },
    { scope_narrowing: 'sticky' },
    { rotation_grace: 0 },
    { rotation_grace: 60 },
    { refresh_invalidates_access_tokens: true },
  ]
  const keys = [{}, ...others].map((other) => loginKey({ ...request, ...other }))
  t.equal(new Set(keys).size, keys.length)
  t.notMatch(keys.join(), /hush/)
})

t.test('the view shows what the person needs, and the end once there is one', async (t) => {
  const login: PendingLogin = {
    id: 'id',
    request,
    caller: sampleCaller(),
    started: {
      verificationUri: 'https://v',
      verificationUriComplete: 'https://v?c',
      userCode: 'AB',
      authorizationUri: 'https://a',
      expiresInSeconds: 600,
      finished: async () => ({ kind: 'cancelled' }),
    },
    expiresAt: 10_000,
    cancel: new AbortController(),
    ended: new Promise(() => undefined),
  }
  const problemOf = (error: GrantdError) => ({
    type: 't',
    title: 't',
    status: error.status,
    code: error.code,
    detail: error.message,
  })
  const view = (end?: PendingLogin['end']) =>
    loginView({ ...login, ...(end && { end }) }, true, 1_001, problemOf)
  t.same(view(), {
    id: 'id',
    grant: 'work',
    flow: 'device',
    state: 'pending',
    joined: true,
    verification_uri: 'https://v',
    verification_uri_complete: 'https://v?c',
    user_code: 'AB',
    authorization_uri: 'https://a',
    expires_in: 9,
  })
  t.match(view({ state: 'cancelled' }), { state: 'cancelled' })
  const error = new GrantdError('access_denied', 'no')
  t.match(view({ state: 'failed', error }), { state: 'failed', problem: { code: 'access_denied' } })
  const result = { grant: 'work' } as GrantDetail
  t.match(view({ state: 'complete', result, notice: 'mind this' }), { result, notice: 'mind this' })
  t.notOk('notice' in view({ state: 'complete', result, notice: undefined }))
  const bare = { ...login, started: { expiresInSeconds: 1, finished: login.started.finished } }
  t.same(Object.keys(loginView(bare, false, 99_999, problemOf)).sort(), [
    'expires_in',
    'flow',
    'grant',
    'id',
    'joined',
    'state',
  ])
  t.equal(loginView(bare, false, 99_999, problemOf).expires_in, 0)
})

t.test('a login by another preset, or at other endpoints, is another login', async (t) => {
  const preset = { name: 'a', values: {} }
  const stated = { issuer: ISSUER, token_endpoint: `${ISSUER}/t` }
  const keys = [
    request,
    { ...request, preset },
    { ...request, preset: { ...preset, name: 'b' } },
    { ...request, stated },
    { ...request, stated: { ...stated, token_endpoint: `${ISSUER}/u` } },
  ].map(loginKey)
  t.equal(new Set(keys).size, keys.length)
})
