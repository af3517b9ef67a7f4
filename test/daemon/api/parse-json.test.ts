import fc from 'fast-check'
import t, { type Test } from 'tap'
import { parseJson } from '../../../daemon/api/parse-json.ts'

function refused(t: Test, text: string, message: string): void {
  t.throws(() => parseJson(Buffer.from(text)), { code: 'invalid_request', message })
}

t.test('JSON that names every member once is read as it is', async (t) => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      t.same(parseJson(Buffer.from(text)), JSON.parse(text))
    }),
    { numRuns: 200 },
  )
  const same = '{"a":{"b":1},"c":{"b":2},"d":[{"b":3},{"b":4}]}'
  t.same(parseJson(Buffer.from(same)), JSON.parse(same), 'one name in different objects')
  t.same(parseJson(Buffer.from('{"a":"a","b":"\\":{"}')), { a: 'a', b: '":{' })
})

t.test('a member named twice has no one meaning', async (t) => {
  const cases = [
    '{"grant":"a","grant":"b"}',
    '{"grant":"a","\\u0067rant":"b"}',
    '{"\\u0067rant":"a","gr\\u0061nt":"a"}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[{"x":1},{"b":1,"c":{},"b":2}]}',
    '{"a":{"b":1},"a":2}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '{ "a" : 1 , "a" : 2 }',
    '{"\\"":1,"\\u0022":2}',
  ]
  for (const text of cases) refused(t, text, 'the body names a member twice')
})

t.test('any object with one of its members repeated is refused', async (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (object) => {
      const [name = ''] = Object.keys(object)
      const text = `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(name)}:0}`
      t.throws(() => parseJson(Buffer.from(text)), { code: 'invalid_request' })
    }),
    { numRuns: 200 },
  )
})

t.test('what is not JSON in UTF-8 is refused without a word of it', async (t) => {
  for (const text of ['', '{', '{"a":}', "{'a':1}", '{"a":1}x', 'NaN', '\0', '{"a":"\u0001"}'])
    refused(t, text, 'the body is not JSON')
  t.throws(() => parseJson(Buffer.from([0x22, 0xff, 0x22])), { message: 'the body is not UTF-8' })
  t.throws(() => parseJson(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), {
    message: 'the body is not UTF-8',
  })
})

t.test('the longest body in its worst shape is no burden', async (t) => {
  const deep = '['.repeat(30_000) + ']'.repeat(30_000)
  t.ok(Array.isArray(parseJson(Buffer.from(deep))))
  const long = JSON.stringify({ a: '\\"'.repeat(15_000) })
  t.match(parseJson(Buffer.from(long)), { a: /^\\"/ })
})
