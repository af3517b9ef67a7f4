import { loginParams, loginQuery, loginRequest } from '../../../../daemon/api/schemas/logins.ts'
import { MAX_LOGIN_WAIT_SECONDS } from '../../../../daemon/base/limits.ts'
import { testCases } from './is-valid.ts'

const login = { grant: 'work', issuer: 'https://i.example', client_id: 'c', flow: 'device' }

testCases([
  ['the least login', loginRequest, login, true],
  [
    'the whole login',
    loginRequest,
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
  ['the shortest grace', loginRequest, { ...login, rotation_grace: 0 }, true],
  ['a longer grace', loginRequest, { ...login, rotation_grace: 7_776_001 }, false],
  ['a grace of less than none', loginRequest, { ...login, rotation_grace: -1 }, false],
  ['a login by another flow', loginRequest, { ...login, flow: 'password' }, false],
  ['a login without a client', loginRequest, { ...login, client_id: undefined }, true],
  [
    'a registration token of two lines',
    loginRequest,
    { ...login, registration_token: 'a\r\nb' },
    false,
  ],
  [
    'one audience twice',
    loginRequest,
    { ...login, audience: ['https://a.example', 'https://a.example'] },
    false,
  ],
  [
    'too many audiences',
    loginRequest,
    { ...login, audience: Array.from({ length: 17 }, (_, i) => `https://${i}.example`) },
    false,
  ],
  ['the longest poll', loginQuery, { wait: String(MAX_LOGIN_WAIT_SECONDS) }, true],
  ['a longer poll', loginQuery, { wait: String(MAX_LOGIN_WAIT_SECONDS + 1) }, false],
  ['a poll of less than none', loginQuery, { wait: '-1' }, false],
  ['a poll of half a second', loginQuery, { wait: '0.5' }, false],
  ['a poll that is written oddly', loginQuery, { wait: '05' }, false],
  ['an id of a login', loginParams, { id: 'x'.repeat(22) }, true],
  ['no id of a login', loginParams, { id: '../x' }, false],
])
