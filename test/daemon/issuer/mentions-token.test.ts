import { gzipSync } from 'node:zlib'
import t from 'tap'
import { mentionsToken } from '../../../daemon/issuer/mentions-token.ts'

t.test('what speaks of tokens, readable or not, looks like a token answer', async (t) => {
  for (const answer of [
    '{"access_token":"a"}',
    '{"refresh_token":"a"}',
    '{"access\\u005ftoken":"a"}',
    ' \ufeff{"access_token":"a',
    'access_token=a&token_type=bearer',
    '{"data":{"access_token":"a"}}',
  ])
    t.ok(mentionsToken(Buffer.from(answer), true), answer)
})

t.test('what speaks of none, and markup whatever it says, does not', async (t) => {
  for (const answer of [
    '',
    '  ',
    '{}',
    '[]',
    'null',
    '{"token_type":"bearer"}',
    'forbidden',
    '<html><script>let access_token</script></html>',
    '\ufeff\r\n <!doctype html>access_token',
  ])
    t.notOk(mentionsToken(Buffer.from(answer), true), answer)
})

t.test('what claims to be JSON and cannot be read may hold anything', async (t) => {
  const answers = {
    'another charset': Buffer.from('{"access_token":"a"}', 'utf16le'),
    'a compression in disguise': gzipSync('{"access_token":"a"}'),
  }
  for (const [name, answer] of Object.entries(answers)) {
    t.ok(mentionsToken(answer, true), name)
    t.notOk(mentionsToken(answer, false), `${name}, from nobody who speaks of JSON`)
  }
})
