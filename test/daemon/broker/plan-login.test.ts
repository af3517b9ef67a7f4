import type { LoginRequest } from '@grantd/client/protocol'
import t from 'tap'
import { planLogin } from '../../../daemon/broker/plan-login.ts'
import { parsePreset } from '../../../daemon/preset/parse-preset.ts'
import type { PresetShelf } from '../../../daemon/preset/preset-shelf.ts'
import { BUILT_IN } from '../../fakes/built-in-presets.ts'

const LOGIN = { grant: 'work', client_id: 'c', flow: 'browser' } as const

/** A shelf with one preset, `as`, of this text. */
function shelf(text: string): PresetShelf {
  const about = '[preset]\ntitle = "AS"\ndefault_scope = "read"\n'
  const parsed = parsePreset('as', about + text)
  const content = 'preset' in parsed ? parsed : { problem: parsed.problem.message }
  const one = { name: 'as', origin: 'user', replacesBuiltIn: false, content } as const
  return { list: () => [one], find: (name) => (name === 'as' ? one : undefined) }
}

const DISCOVERED = '[issuer]\nidentifier = "https://as.example"\n'
const STATED = `${DISCOVERED}discovery = false\ntoken_endpoint = "https://as.example/token"\n`

const plan = (text: string, more: Partial<LoginRequest> = {}) =>
  planLogin(shelf(text), { ...LOGIN, preset: 'as', ...more })

t.test('a login without a preset is done as it says', async (t) => {
  const request = { ...LOGIN, issuer: 'https://as.example', scope: 'a' }
  t.same(planLogin(BUILT_IN, request), request)
})

t.test('what is left out is filled in; what is said counts', async (t) => {
  const text = `${DISCOVERED}[authorization]\naccess_type = "offline"\n[fact]
rotation_grace = { is = 30, known = "observed" }
scope_narrowing = { is = "honored", known = "observed" }
refresh_ends_access_tokens = { is = false, known = "observed" }
`
  t.same(plan(text), {
    ...LOGIN,
    issuer: 'https://as.example',
    preset: { name: 'as', values: {} },
    authorization: { access_type: 'offline' },
    scope: 'read',
    scope_narrowing: 'honored',
    rotation_grace: 30,
    refresh_invalidates_access_tokens: false,
  })
  const own = {
    scope: 'a',
    scope_narrowing: 'none',
    rotation_grace: 0,
    refresh_invalidates_access_tokens: true,
  } as const
  t.match(plan(text, own), own)
})

t.test(
  'a scope of the login’s own gets what the issuer needs to give a refresh token',
  async (t) => {
    t.equal(plan(DISCOVERED, { scope: 'a' }).scope, 'a')
    const keycloak = { ...LOGIN, preset: 'keycloak', preset_values: { host: 'id.example' } }
    t.equal(planLogin(BUILT_IN, { ...keycloak, scope: 'a b' }).scope, 'a b offline_access')
    t.equal(
      planLogin(BUILT_IN, { ...keycloak, scope: 'offline_access a' }).scope,
      'offline_access a',
    )
    t.equal(planLogin(BUILT_IN, keycloak).scope, 'openid offline_access')
  },
)

t.test('what is only believed makes nothing riskier', async (t) => {
  const believed = plan(`${DISCOVERED}[fact]
rotation_grace = { is = 30, known = "believed" }
scope_narrowing = { is = "honored", known = "believed" }
refresh_ends_access_tokens = { is = true, known = "believed" }
`)
  t.notOk('rotation_grace' in believed)
  t.notOk('scope_narrowing' in believed)
  t.equal(believed.refresh_invalidates_access_tokens, true, 'sharing one token harms nobody')
})

t.test('an issuer without a metadata document has its endpoints from the preset', async (t) => {
  const text = `${STATED}authorization_endpoint = "https://as.example/authorize"
[fact]\nclient_authentication = { is = "client_secret_post", known = "believed" }`
  t.match(plan(text), {
    stated: {
      issuer: 'https://as.example',
      token_endpoint: 'https://as.example/token',
      authorization_endpoint: 'https://as.example/authorize',
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    },
  })
  t.equal(plan(DISCOVERED).stated, undefined)
})

t.test('an issuer that answers by forms is planned as one', async (t) => {
  const answersBy = (errors: string) =>
    plan(`${DISCOVERED}[fact]\nerrors = { is = "${errors}", known = "believed" }`).answers
  t.equal(answersBy('form'), 'form')
  t.equal(answersBy('rfc'), undefined)
  t.equal(answersBy('200-error'), undefined)
})

t.test('what cannot end well is refused before anybody is asked', async (t) => {
  const fact = (line: string, known = 'observed') =>
    `${DISCOVERED}[fact]\n${line.replace('}', `, known = "${known}" }`)}`
  const audience = ['https://api.example']
  const table: readonly (readonly [string, Partial<LoginRequest>, string | RegExp])[] = [
    [STATED, { flow: 'device' }, 'AS has no device flow'],
    [STATED, { flow: 'browser' }, 'AS has no browser flow'],
    [fact('device_flow = { is = false }'), { flow: 'device' }, 'AS has no device flow'],
    [fact('refresh_tokens = { is = false }'), {}, /gives no refresh token/],
    [
      fact('errors = { is = "ok-false" }', 'believed'),
      {},
      /\("ok-false"\), which is not understood/,
    ],
    [fact('audience = { is = "none" }'), { audience }, /knows no audience/],
    [DISCOVERED, { preset_values: { host: 'x' } }, 'preset "as" has no value "host"'],
    [DISCOVERED, { issuer: 'https://as.example' }, 'one of "issuer" and "preset" is needed'],
    ['[issuer]', {}, /missing/],
  ]
  for (const [text, more, message] of table)
    t.throws(() => plan(text, more), { message }, `${text} ${JSON.stringify(more)}`)
  t.throws(() => planLogin(BUILT_IN, LOGIN), { code: 'invalid_request' })
  t.throws(() => planLogin(BUILT_IN, { ...LOGIN, preset: 'none' }), { message: 'no preset "none"' })
  t.throws(
    () => planLogin(BUILT_IN, { ...LOGIN, issuer: 'https://a.example', preset_values: {} }),
    { message: '"preset_values" goes with "preset"' },
  )
  // a belief is no reason to refuse
  t.ok(plan(fact('device_flow = { is = false }', 'believed'), { flow: 'device' }))
  t.ok(plan(fact('audience = { is = "none" }', 'believed'), { audience }))
  t.ok(plan(fact('audience = { is = "resource" }'), { audience }))
})

t.test('every preset that came with us plans a login, or says why not', async (t) => {
  const values: Readonly<Record<string, Record<string, string>>> = {
    entra: { tenant: 'contoso.onmicrosoft.com' },
    okta: { domain: 'example.okta.com' },
    auth0: { domain: 'example.eu.auth0.com' },
    keycloak: { host: 'id.example' },
    'aws-sso': { region: 'eu-central-1' },
    oidc: { issuer: 'https://as.example' },
    oauth: {
      issuer: 'https://as.example',
      authorize: 'https://as.example/a',
      token: 'https://as.example/t',
    },
  }
  const refused: Readonly<Record<string, RegExp>> = {
    'aws-sso': /not understood yet/,
    'github-oauth-app': /gives no refresh token/,
    slack: /not understood yet/,
  }
  for (const { name } of BUILT_IN.list()) {
    const request = { ...LOGIN, preset: name, preset_values: values[name] ?? {} }
    const message = refused[name]
    if (message !== undefined) t.throws(() => planLogin(BUILT_IN, request), { message }, name)
    else t.match(planLogin(BUILT_IN, request), { issuer: /^https:/, preset: { name } }, name)
    if (values[name] !== undefined)
      t.throws(() => planLogin(BUILT_IN, { ...LOGIN, preset: name }), {
        message: /needs the value/,
      })
  }
})
