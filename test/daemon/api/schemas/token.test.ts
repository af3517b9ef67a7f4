import { tokenRequest } from '../../../../daemon/api/schemas/token.ts'
import { testCases } from './is-valid.ts'

testCases([
  ['the least token request', tokenRequest, { grant: 'work' }, true],
  [
    'the whole token request',
    tokenRequest,
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
  ['a token for too long', tokenRequest, { grant: 'work', min_ttl: 86_401 }, false],
  ['a token of nothing', tokenRequest, {}, false],
  ['a long grant name', tokenRequest, { grant: 'x'.repeat(65) }, false],
  ['a long scope', tokenRequest, { grant: 'w', scope: 'x'.repeat(4_097) }, false],
])
