import fc from 'fast-check'
import t from 'tap'
import { asciiJson, asciiString, member, textMember } from '../../../daemon/audit/ascii-json.ts'

t.test('a string is JSON in ASCII and comes back as it was', async () => {
  const character = fc.oneof(
    fc.integer({ min: 0, max: 0x1_00 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('"', '\\', '\u007f', '\u2028', '\ud800', '😀', '~', ' '),
  )
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      const json = asciiString(text)
      return /^[\x20-\x7e]*$/.test(json) && JSON.parse(json) === text && json === asciiJson(text)
    }),
    { numRuns: 1_000 },
  )
})

t.test('a member has its comma, and there is none without a value', async (t) => {
  t.equal(textMember('a', 'x"y'), ',"a":"x\\"y"')
  t.equal(textMember('a', ''), ',"a":""')
  t.equal(textMember('a', undefined), '')
  t.equal(member('a', 0), ',"a":0')
  t.equal(member('a', false), ',"a":false')
  for (const number of [-1, -0, 0.5, 1e21, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])
    t.equal(member('a', number), `,"a":${JSON.stringify(number)}`)
  t.equal(member('a', { b: 'ä', c: undefined }), ',"a":{"b":"\\u00e4"}')
  t.equal(member('a', undefined), '')
})
