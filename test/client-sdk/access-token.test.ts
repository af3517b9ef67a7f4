import t from 'tap'
import { parseAccessToken } from '#sdk/access-token'
import { tokenAnswer } from '../fakes/sdk-socket.ts'

t.test('the answer is read, its end counted from now', async (t) => {
  t.same(parseAccessToken({ ...tokenAnswer('at'), extra: 1 }, 1000), {
    accessToken: 'at',
    tokenType: 'Bearer',
    expiresInSeconds: 300,
    expiresAt: 301_000,
    scope: 'repo:read',
    grant: 'work',
    generation: 1,
  })
  const bound = { ...tokenAnswer('at'), token_type: 'DPoP', audience: 'urn:x' }
  t.match(parseAccessToken(bound, 0), { tokenType: 'DPoP', audience: 'urn:x' })
})

const broken: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a text', 'at'],
  ['no token', { ...tokenAnswer('at'), access_token: undefined }],
  ['a token with a line end', tokenAnswer('at\r\nX: y')],
  ['an empty token', tokenAnswer('')],
  ['another type', { ...tokenAnswer('at'), token_type: 'mac' }],
  ['no lifetime', { ...tokenAnswer('at'), expires_in: undefined }],
  ['half a second', { ...tokenAnswer('at'), expires_in: 0.5 }],
  ['a negative lifetime', { ...tokenAnswer('at'), expires_in: -1 }],
  ['no scope', { ...tokenAnswer('at'), scope: undefined }],
  ['an odd audience', { ...tokenAnswer('at'), audience: 7 }],
  ['no grant', { ...tokenAnswer('at'), grant: undefined }],
  ['no generation', { ...tokenAnswer('at'), generation: undefined }],
]

for (const [name, value] of broken)
  t.test(`refused: ${name}`, async (t) => {
    t.throws(() => parseAccessToken(value, 0), {
      name: 'GrantdUnreachableError',
      reason: 'malformed',
    })
  })
