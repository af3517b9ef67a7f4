import fc from 'fast-check'
import t from 'tap'
import { readEscape, unescapeJson } from '../../../daemon/issuer/json-escape.ts'

t.test('an escape says which character it is and where it ends', async (t) => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['\\"', '"'],
    ['\\\\', '\\'],
    ['\\/', '/'],
    ['\\n', '\n'],
    ['\\u0041', 'A'],
    ['\\u20aC', '€'],
    ['\\ud83d\\ude00', '😀'],
    ['\\ude00', '\ude00'],
    ['\\x', undefined],
    ['\\u00', undefined],
    ['\\u00g0', undefined],
    ['\\', undefined],
  ]
  for (const [text, character] of table) {
    const found = readEscape(Buffer.from(`${text}.`), 0)
    t.equal(found && String.fromCodePoint(found.codePoint), character, text)
    if (found !== undefined) t.equal(found.end, text.length, text)
  }
  for (const half of ['\\ud83d.', '\\ud83d\\u0041', '\\ud83d\\ud83d', '\\ud83d\\n'])
    t.strictSame(readEscape(Buffer.from(half), 0), { codePoint: 0xd83d, end: 6 }, half)
})

t.test('bytes are read as JSON would, in strings and outside', async (t) => {
  const table: readonly (readonly [string, string])[] = [
    ['', ''],
    ['{"a":1}', '{"a":1}'],
    ['"a\\u0062c\\/d"', '"abc/d"'],
    ['\\u0061\\x\\u00', 'a\\x\\u00'],
    ['\\\\u0061', '\\u0061'],
    ['a\\', 'a\\'],
  ]
  for (const [text, plain] of table) t.equal(unescapeJson(Buffer.from(text)).toString(), plain)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const written = Buffer.from(JSON.stringify(text))
      t.equal(unescapeJson(written).toString(), `"${Buffer.from(text).toString()}"`)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      t.ok(unescapeJson(Buffer.from(bytes)).length <= bytes.length)
    }),
  )
})
