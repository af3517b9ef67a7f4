import t from 'tap'
import { toTokenRequest } from '#sdk/token-request'

t.test('every member gets the name of the wire', async (t) => {
  t.same(
    toTokenRequest({
      grant: 'work',
      issuer: 'https://i.example',
      scope: ['a', 'b'],
      audience: 'https://a.example',
      minTtl: 60,
      purpose: 'test',
      rejected: 'h',
    }),
    {
      grant: 'work',
      issuer: 'https://i.example',
      scope: 'a b',
      audience: 'https://a.example',
      min_ttl: 60,
      purpose: 'test',
      rejected: 'h',
    },
  )
})

t.test('what is left out or undefined is not sent', async (t) => {
  t.same(Object.keys(toTokenRequest({ grant: 'work', scope: undefined })), ['grant'])
  t.equal(toTokenRequest({ scope: 'a b' }).scope, 'a b')
})

t.test('an empty list of scopes never becomes all of them', async (t) => {
  t.equal(toTokenRequest({ grant: 'work', scope: [] }).scope, '')
})
