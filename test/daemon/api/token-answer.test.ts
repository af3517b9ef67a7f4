import fc from 'fast-check'
import t from 'tap'
import { tokenResponse } from '../../../daemon/api/schemas/token.ts'
import { formatTokenAnswer } from '../../../daemon/api/token-answer.ts'

const ANSWER = {
  access_token: 'at-1',
  token_type: 'Bearer',
  expires_in: 299,
  scope: 'a b',
  audience: 'https://api.example',
  grant: 'work',
  generation: 7,
} as const

t.test('it has the members of the schema, in their order, and no others', async (t) => {
  const text = formatTokenAnswer({ ...ANSWER, secret: 'rt-1' } as typeof ANSWER)
  t.same(Object.keys(JSON.parse(text) as object), Object.keys(tokenResponse.properties))
  t.equal(text, JSON.stringify(ANSWER))
  const { audience: _, ...others } = ANSWER
  t.equal(formatTokenAnswer(others), JSON.stringify(others))
})

t.test('no token, scope or name is more than a text', async () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, text, fc.nat(), (access_token, scope, grant, expires_in) => {
      const answer = { ...ANSWER, access_token, scope, grant, expires_in }
      return formatTokenAnswer(answer) === JSON.stringify(answer)
    }),
  )
})
