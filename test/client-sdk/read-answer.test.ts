import t from 'tap'
import type { Answer } from '#sdk/parse-answer'
import { readAnswer } from '#sdk/read-answer'

function given(change: Partial<Answer>): Answer {
  return {
    status: 200,
    contentType: 'application/json',
    contentLength: 0,
    isLast: false,
    text: '',
    ...change,
  }
}

t.test('JSON is parsed, other text stays text', async (t) => {
  t.same(readAnswer(given({ text: '{"a":1}' })), { a: 1 })
  t.equal(readAnswer(given({ contentType: 'text/plain', text: 'token\n' })), 'token\n')
})

t.test('a problem becomes the error it names', async (t) => {
  const text = '{"code":"access_denied","detail":"no rule"}'
  t.throws(
    () => readAnswer(given({ status: 403, contentType: 'application/problem+json', text })),
    { name: 'GrantdError', code: 'access_denied', message: 'no rule' },
  )
})

t.test('broken JSON is refused without being quoted', async (t) => {
  const text = '{"access_token":"at-secret"'
  t.throws(() => readAnswer(given({ text })), { reason: 'malformed', message: /: broken JSON$/ })
})

t.test('a failure or redirect without a problem document is nobody of ours', async (t) => {
  for (const status of [301, 404, 502])
    t.throws(() => readAnswer(given({ status, text: '{}' })), {
      message: new RegExp(`status ${status} without a problem document`),
    })
})
