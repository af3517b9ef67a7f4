import t from 'tap'
import { MIN_SECRET_BYTES, repeatsSecret } from '../../../daemon/issuer/repeated-secret.ts'

const SECRET = 'rt/Canary+1'

/** Every character as an escape. */
function escaped(text: string): string {
  return text.replaceAll(/./g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function repeats(answer: string, ...secrets: readonly string[]): boolean {
  return repeatsSecret(
    Buffer.from(answer),
    secrets.map((secret) => Buffer.from(secret)),
  )
}

t.test('a secret is found wherever and however JSON says it', async (t) => {
  for (const answer of [
    `{"access_token":"${SECRET}"}`,
    `{"access_token":"x${SECRET}y"}`,
    `{"scope":"a ${SECRET} b"}`,
    `{"${SECRET}":1}`,
    `{"a":[{"b":"rt\\/Canary+1"}]}`,
    `{"a":"${escaped(SECRET)}"}`,
    `{"a":"rt/C\\u0061nary+1"}`,
    `{"a":"${SECRET}`,
    SECRET,
  ])
    t.ok(repeats(answer, 'another secret', SECRET), answer)
})

t.test('what is not said is not found', async (t) => {
  for (const answer of ['', '{}', '{"a":"rt/Canary"}', '{"a":"rt\\\\/Canary+1"}', '{"a":"rt\\'])
    t.notOk(repeats(answer, SECRET), answer)
  t.notOk(repeats(`{"a":"${SECRET}"}`), 'without a secret')
})

t.test('a short secret would be found by accident, and is not looked for', async (t) => {
  const shortest = 's'.repeat(MIN_SECRET_BYTES)
  t.ok(repeats(`{"scope":"${shortest}"}`, shortest))
  t.notOk(repeats(`{"scope":"${shortest}"}`, shortest.slice(1)))
})
