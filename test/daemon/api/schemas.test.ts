import fastify from 'fastify'
import t from 'tap'
import * as schemas from '../../../daemon/api/schemas.ts'
import { MAX_LOGIN_WAIT_SECONDS } from '../../../daemon/base/limits.ts'

/** Every object below a schema, itself included. */
function objectsOf(schema: unknown): readonly Record<string, unknown>[] {
  if (typeof schema !== 'object' || schema === null) return []
  const here = schema as Record<string, unknown>
  return [...(here['type'] === 'object' ? [here] : []), ...Object.values(here).flatMap(objectsOf)]
}

t.test('no object may have members that nobody named', async (t) => {
  for (const [name, schema] of Object.entries(schemas)) {
    if (typeof schema === 'function') continue
    for (const object of objectsOf(schema)) {
      const more = object['additionalProperties']
      const isMap = typeof more === 'object' && object['properties'] === undefined
      t.ok(more === false || isMap, name)
    }
  }
})

t.test(
  'every answer has the schema of its status class, errors the one of a problem',
  async (t) => {
    const { '2xx': good, '4xx': wrong, '5xx': broken } = schemas.answers(schemas.health)
    t.equal(good, schemas.health)
    t.equal(wrong, broken)
    t.match(wrong, { required: ['type', 'title', 'status', 'code', 'detail'] })
  },
)

/** Asks the real validator, set up as the server has it. */
async function isValid(schema: object, value: unknown): Promise<boolean> {
  const app = fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
  })
  app.post('/', { schema: { body: schema } }, () => 'ok')
  const answer = await app.inject({ method: 'POST', url: '/', payload: value as object })
  return answer.statusCode === 200
}

const login = { grant: 'work', issuer: 'https://i.example', client_id: 'c', flow: 'device' }

const CASES: readonly [what: string, schema: object, value: unknown, good: boolean][] = [
  ['the least token request', schemas.tokenRequest, { grant: 'work' }, true],
  [
    'the whole token request',
    schemas.tokenRequest,
    {
      grant: 'work',
      issuer: 'https://i.example',
      scope: 'a b',
      audience: 'https://a.example/x?y',
      min_ttl: 86_400,
      rejected: 'x'.repeat(43),
      purpose: 'git fetch',
    },
    true,
  ],
  ['a token for too long', schemas.tokenRequest, { grant: 'work', min_ttl: 86_401 }, false],
  ['a token of nothing', schemas.tokenRequest, {}, false],
  ['a long grant name', schemas.tokenRequest, { grant: 'x'.repeat(65) }, false],
  ['a long scope', schemas.tokenRequest, { grant: 'w', scope: 'x'.repeat(4_097) }, false],
  ['the least login', schemas.loginRequest, login, true],
  [
    'the whole login',
    schemas.loginRequest,
    {
      ...login,
      client_secret: 's',
      scope: 'a',
      audience: ['https://a.example'],
      scope_narrowing: 'sticky',
      rotation_grace: 7_776_000,
      refresh_invalidates_access_tokens: true,
    },
    true,
  ],
  ['the shortest grace', schemas.loginRequest, { ...login, rotation_grace: 0 }, true],
  ['a longer grace', schemas.loginRequest, { ...login, rotation_grace: 7_776_001 }, false],
  ['a grace of less than none', schemas.loginRequest, { ...login, rotation_grace: -1 }, false],
  ['a login by another flow', schemas.loginRequest, { ...login, flow: 'password' }, false],
  ['a login without a client', schemas.loginRequest, { ...login, client_id: undefined }, true],
  [
    'a registration token of two lines',
    schemas.loginRequest,
    { ...login, registration_token: 'a\r\nb' },
    false,
  ],
  [
    'one audience twice',
    schemas.loginRequest,
    { ...login, audience: ['https://a.example', 'https://a.example'] },
    false,
  ],
  [
    'too many audiences',
    schemas.loginRequest,
    { ...login, audience: Array.from({ length: 17 }, (_, i) => `https://${i}.example`) },
    false,
  ],
  ['the longest poll', schemas.loginQuery, { wait: String(MAX_LOGIN_WAIT_SECONDS) }, true],
  ['a longer poll', schemas.loginQuery, { wait: String(MAX_LOGIN_WAIT_SECONDS + 1) }, false],
  ['a poll of less than none', schemas.loginQuery, { wait: '-1' }, false],
  ['a poll of half a second', schemas.loginQuery, { wait: '0.5' }, false],
  ['a poll that is written oddly', schemas.loginQuery, { wait: '05' }, false],
  ['an unlock by the keeper', schemas.vaultUnlockRequest, {}, true],
  ['a short old passphrase', schemas.vaultUnlockRequest, { passphrase: 'ü' }, true],
  ['an empty passphrase', schemas.vaultUnlockRequest, { passphrase: '' }, false],
  ['a passphrase of two lines', schemas.vaultUnlockRequest, { passphrase: 'one\ntwo' }, false],
  ['a short new passphrase', schemas.vaultRekeyRequest, { passphrase: '1234567' }, false],
  ['a new passphrase', schemas.vaultRekeyRequest, { passphrase: '12 45 üö' }, true],
  ['an endless passphrase', schemas.vaultRekeyRequest, { passphrase: 'x'.repeat(1_025) }, false],
  ['a keeper nobody knows', schemas.vaultRekeyRequest, { provider: 'paper' }, false],
  ['a rekey that deletes', schemas.vaultRekeyRequest, { discard_sealed: true }, false],
  [
    'the whole init',
    schemas.vaultInitRequest,
    { provider: 'passphrase', passphrase: '12345678', discard_sealed: true },
    true,
  ],
  ['an init that deletes in words', schemas.vaultInitRequest, { discard_sealed: 'true' }, false],
  ['no query', schemas.noQuery, {}, true],
  ['a query of nobody', schemas.noQuery, { scope: 'zzz' }, false],
  ['an id of a login', schemas.loginParams, { id: 'x'.repeat(22) }, true],
  ['no id of a login', schemas.loginParams, { id: '../x' }, false],
]

for (const [what, schema, value, good] of CASES)
  t.test(`${what} is ${good ? 'taken' : 'refused'}`, async (t) => {
    t.equal(await isValid(schema, value), good)
  })
