import t, { type Test } from 'tap'
import { Secret } from '../../daemon/base/secret.ts'
import { type LoginPlan, planLogin } from '../../daemon/broker/plan-login.ts'
import type { IssuerMetadata } from '../../daemon/grant/grant.ts'
import { startBrowserLogin } from '../../daemon/issuer/browser-login.ts'
import { startDeviceLogin } from '../../daemon/issuer/device-login.ts'
import type { LoginAnswer, LoginAsk } from '../../daemon/issuer/issuer.ts'
import { exchangeRefreshToken } from '../../daemon/issuer/refresh-exchange.ts'
import { parsePreset } from '../../daemon/preset/parse-preset.ts'
import type { PresetShelf } from '../../daemon/preset/preset-shelf.ts'
import { BUILT_IN } from '../fakes/built-in-presets.ts'
import { type CannedAnswer, type CannedServer, startCannedServer } from './canned-server.ts'
import { LOOPBACK_ROOM } from './log-in.ts'

/**
 * How an issuer answers by its documents: documented, not observed. What a line leaves out is
 * as RFC 6749 and RFC 8628 have it.
 */
interface Quirks {
  readonly values?: Readonly<Record<string, string>>
  /** Default: by the browser. */
  readonly flow?: 'device'
  /** Its clients have a secret, and say it so. */
  readonly secret?: 'basic' | 'post'
  /** Status of every refusal of the token endpoint, default 400. */
  readonly refusalStatus?: number
  /** Its word for a dead refresh token. */
  readonly dead?: string
  /** A refresh brings no other refresh token. */
  readonly keeps?: true
  /** It answers by forms. */
  readonly forms?: true
  /** What stands in its token answers besides. */
  readonly more?: object
}

const QUIRKS: Readonly<Record<string, Quirks>> = {
  atlassian: { secret: 'post', refusalStatus: 403 },
  auth0: { values: { domain: 'example.eu.auth0.com' } },
  bitbucket: { secret: 'basic', more: { scopes: 'account' } },
  dropbox: { keeps: true, more: { uid: '1', account_id: 'dbid:1' } },
  entra: {
    values: { tenant: 'contoso.onmicrosoft.com' },
    flow: 'device',
    more: { ext_expires_in: 3599 },
  },
  'github-app': {
    flow: 'device',
    refusalStatus: 200,
    dead: 'bad_refresh_token',
    more: { refresh_token_expires_in: 15_811_200, scope: '' },
  },
  // GitHub as it is to who does not ask for JSON
  'own-forms': { flow: 'device', forms: true, refusalStatus: 200, dead: 'bad_refresh_token' },
  gitlab: { flow: 'device', more: { created_at: 1_607_635_748 } },
  google: { secret: 'post', keeps: true },
  huggingface: {},
  keycloak: {
    values: { host: 'id.example' },
    flow: 'device',
    more: { refresh_expires_in: 0, 'not-before-policy': 0, session_state: 'x' },
  },
  oauth: {
    values: {
      issuer: 'https://as.example',
      authorize: 'https://as.example/authorize',
      token: 'https://as.example/token',
    },
  },
  oidc: { values: { issuer: 'https://as.example' } },
  okta: { values: { domain: 'example.okta.com' }, flow: 'device' },
  spotify: { keeps: true },
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** A person's own preset, of an issuer that none of ours is like. */
const OWN = parsePreset(
  'own-forms',
  `[preset]
title = "Forms"
[issuer]
identifier = "https://as.example"
discovery = false
token_endpoint = "https://as.example/token"
device_authorization_endpoint = "https://as.example/device"
[fact]
errors = { is = "form", known = "documented", source = "https://docs.example" }
`,
)

const SHELF: PresetShelf = {
  list: () => BUILT_IN.list(),
  find: (name) =>
    name === 'own-forms' && 'preset' in OWN
      ? { name, origin: 'user', replacesBuiltIn: false, content: OWN }
      : BUILT_IN.find(name),
}

function answerOf(body: object, forms: boolean, status = 200): CannedAnswer {
  if (!forms) return { status, body: JSON.stringify(body) }
  const pairs = Object.entries(body).map(([name, value]): [string, string] => [name, String(value)])
  return {
    status,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams(pairs).toString(),
  }
}

/** The issuer of one preset on loopback. */
async function imitate(t: Test, quirks: Quirks): Promise<CannedServer> {
  const { refusalStatus = 400, dead = 'invalid_grant', forms = false } = quirks
  const json = (body: object, status?: number) => answerOf(body, forms, status)
  const pending = ['authorization_pending', 'slow_down']
  const tokens = (number: number, refreshToken?: string): CannedAnswer =>
    json({
      access_token: `access-token-${number}`,
      token_type: 'bearer',
      expires_in: 3600,
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      ...quirks.more,
    })
  const server = await startCannedServer(({ path, form }) => {
    if (/device/.test(path))
      return json({
        device_code: 'a-device-code',
        user_code: 'ABCD-EFGH',
        verification_uri: `${server.origin}/device`,
        expires_in: 900,
        interval: 5,
      })
    const refuse = (error: string) => json({ error, error_description: 'no' }, refusalStatus)
    switch (form.get('grant_type') ?? '') {
      case DEVICE_GRANT: {
        const waits = pending.shift()
        return waits === undefined ? tokens(1, 'refresh-token-1') : refuse(waits)
      }
      case 'authorization_code':
        return form.get('code') === 'a-code'
          ? tokens(1, 'refresh-token-1')
          : refuse('invalid_grant')
      case 'refresh_token':
        if (form.get('refresh_token') !== 'refresh-token-1') return refuse(dead)
        return quirks.keeps ? tokens(2) : tokens(2, 'refresh-token-2')
      default:
        return refuse('unsupported_grant_type')
    }
  })
  t.teardown(() => server.close())
  return server
}

/** The addresses of a plan, less their hosts. */
function metadataOf(plan: LoginPlan, { secret }: Quirks, origin: string): IssuerMetadata {
  const here = (address: string) => origin + new URL(address).pathname
  const stated = plan.stated ?? {
    issuer: plan.issuer,
    token_endpoint: `${plan.issuer}/token`,
    authorization_endpoint: `${plan.issuer}/authorize`,
    device_authorization_endpoint: `${plan.issuer}/device`,
    // as its own metadata says, where it publishes some
    ...(secret === 'post' && { token_endpoint_auth_methods_supported: ['client_secret_post'] }),
  }
  return {
    ...stated,
    issuer: origin,
    ...(plan.answers && { answers: plan.answers }),
    token_endpoint: here(stated.token_endpoint),
    ...(stated.authorization_endpoint && {
      authorization_endpoint: here(stated.authorization_endpoint),
    }),
    ...(stated.device_authorization_endpoint && {
      device_authorization_endpoint: here(stated.device_authorization_endpoint),
    }),
  }
}

const never = new AbortController().signal

async function logIn(ask: LoginAsk, flow: LoginPlan['flow']): Promise<LoginAnswer> {
  const start =
    flow === 'device'
      ? await startDeviceLogin(LOOPBACK_ROOM, ask, async () => undefined)
      : await startBrowserLogin(LOOPBACK_ROOM, ask)
  if (start.kind !== 'started') return start
  const { authorizationUri } = start.login
  const finished = start.login.finished(never)
  if (authorizationUri !== undefined) {
    const asked = new URL(authorizationUri).searchParams
    for (const [name, value] of Object.entries(ask.authorizationParameters ?? {}))
      if (asked.get(name) !== value) throw new Error(`"${name}" is not in the address`)
    const callback = new URL(asked.get('redirect_uri') ?? '')
    callback.search = `code=a-code&state=${asked.get('state') ?? ''}`
    await fetch(callback)
  }
  return await finished
}

t.test('every preset that can be logged in with has its line', async (t) => {
  const names = BUILT_IN.list().map(({ name }) => name)
  const others = ['aws-sso', 'github-oauth-app', 'slack']
  t.same([...Object.keys(QUIRKS), ...others].sort(), [...names, 'own-forms'].sort())
})

for (const [name, quirks] of Object.entries(QUIRKS))
  t.test(`${name}: login, refresh, a dead refresh token; documented, not observed`, async (t) => {
    const { flow = 'browser', values = {}, keeps = false, secret } = quirks
    const plan = planLogin(SHELF, { grant: 'work', preset: name, preset_values: values, flow })
    const server = await imitate(t, quirks)
    const client = {
      clientId: 'a-client',
      metadata: metadataOf(plan, quirks, server.origin),
      ...(secret && { clientSecret: Secret.fromText('a-client-secret') }),
    }
    const { authorization } = plan
    const ask = {
      client,
      scope: [],
      audiences: [],
      ...(authorization && { authorizationParameters: authorization }),
    }
    const login = await logIn(ask, flow)
    t.match(login, { kind: 'answered', answer: { accessToken: 'access-token-1' } })
    if (login.kind !== 'answered') return
    t.equal(login.refreshToken.reveal(), 'refresh-token-1')
    const sent = server.requests.at(-1)
    t.equal(sent?.form.get('client_secret'), secret === 'post' ? 'a-client-secret' : null)
    t.equal(sent?.headers.authorization !== undefined, secret === 'basic')

    const kept: string[] = []
    const refresh = async (refreshToken: Secret) =>
      await exchangeRefreshToken(LOOPBACK_ROOM, {
        client,
        refreshToken,
        keepSuccessor: async ({ refreshToken: next }) => void kept.push(next.reveal()),
      })
    t.match(await refresh(login.refreshToken), {
      kind: 'answered',
      answer: { accessToken: 'access-token-2', expiresInSeconds: 3600 },
      hasSuccessor: !keeps,
    })
    t.same(kept, keeps ? [] : ['refresh-token-2'])
    const dead = await refresh(Secret.fromText('refresh-token-0'))
    t.match(dead, { kind: 'grant_dead', code: 'invalid_grant' })
    // who does not ask for JSON gets a form from GitHub
    for (const { path, headers } of server.requests) t.match(headers.accept, /json/, path)
  })
