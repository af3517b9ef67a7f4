import t from 'tap'
import { jsonLine, printable } from '../../cli/printable.ts'

/** One of each kind that a terminal would obey, hide or turn around. */
const UNSAFE: readonly [string, string][] = [
  ['escape', '\x1b'],
  ['bell', '\x07'],
  ['carriage return', '\r'],
  ['line feed', '\n'],
  ['tab', '\t'],
  ['delete', '\x7f'],
  ['C1 control sequence introducer', '\x9b'],
  ['right-to-left override', '\u{202e}'],
  ['left-to-right isolate', '\u{2066}'],
  ['arabic letter mark', '\u{61c}'],
  ['zero width space', '\u{200b}'],
  ['soft hyphen', '\u{ad}'],
  ['byte order mark', '\u{feff}'],
  ['tag letter', '\u{e0041}'],
  ['line separator', '\u{2028}'],
  ['paragraph separator', '\u{2029}'],
  ['no-break space', '\u{a0}'],
  ['hangul filler', '\u{3164}'],
  ['private use', '\u{e000}'],
  ['lone surrogate', '\ud800'],
  ['unassigned', '\u{50000}'],
]

t.test('no character can draw, hide or turn the text around', async (t) => {
  for (const [name, character] of UNSAFE) {
    t.equal(printable(`a${character}b`), 'a\u{fffd}b', name)
    const line = jsonLine({ a: character })
    t.match(line, /^[\x20-\x7e]+\n$/, `${name}, as JSON`)
    t.same(JSON.parse(line), { a: character }, `${name}, read back`)
  }
})

t.test('letters of every language stay', async (t) => {
  const text = 'grüße, 日本語, ελληνικά, עברית, "quoted" <a>'
  t.equal(printable(text), text)
  t.equal(jsonLine(text), `${JSON.stringify(text)}\n`)
})
