import fc from 'fast-check'
import t from 'tap'
import { quoted } from '../../../daemon/consent/escape-text.ts'

t.test('what can be typed stands for itself', async (t) => {
  t.equal(quoted('/usr/bin/git', 60), '"/usr/bin/git"')
  t.equal(quoted('', 60), '""')
  t.equal(quoted("a%b $c 'd' (e) ~_^`{|}", 60), `"a%b $c 'd' (e) ~_^\`{|}"`)
})

t.test('nothing draws, hides, turns around or looks like something else', async (t) => {
  const cases: readonly [what: string, text: string, shown: string][] = [
    ['newline', 'a\nGrant: x', '"a\\u{a}Grant: x"'],
    ['carriage return', 'a\rb', '"a\\u{d}b"'],
    ['NUL', 'a\0b', '"a\\u{0}b"'],
    ['escape sequence', '\x1b[2J', '"\\u{1b}[2J"'],
    ['delete', '\x7f', '"\\u{7f}"'],
    ['C1 control sequence', '\x9b2J', '"\\u{9b}2J"'],
    ['right to left override', 'a\u202eb', '"a\\u{202e}b"'],
    ['isolate', '\u2066x\u2069', '"\\u{2066}x\\u{2069}"'],
    ['zero width space', 'a\u200bb', '"a\\u{200b}b"'],
    ['line separator', 'a\u2028b', '"a\\u{2028}b"'],
    ['byte order mark', '\ufeffa', '"\\u{feff}a"'],
    ['a letter that looks like another', 'g\u0456t', '"g\\u{456}t"'],
    ['beyond the first plane', '\u{1f600}', '"\\u{1f600}"'],
    ['half a pair', '\ud800', '"\\u{d800}"'],
    ['quotes', 'a" (1) "b', '"a\\" (1) \\"b"'],
    ['an escape that is none', '\\u{a}', '"\\\\u{a}"'],
    ['markup', '<b>&lt;', '"\\u{3c}b\\u{3e}\\u{26}lt;"'],
    ['many spaces', 'a   b', '"a \\u{20}\\u{20}b"'],
    ['tab', 'a\tb', '"a\\u{9}b"'],
  ]
  for (const [what, text, shown] of cases) t.equal(quoted(text, 60), shown, what)
})

t.test('a long text loses its middle', async (t) => {
  const path = `/home/somebody/${'x'.repeat(100)}/bin/tool`
  const shown = quoted(path, 40)
  t.equal(shown.length, 42)
  t.match(shown, /^"\/home\/somebody\/.*\.\.\..*\/bin\/tool"$/)
})

t.test('of a megabyte no more is looked at than is shown', async (t) => {
  const text = '\u202e'.repeat(1_048_576)
  const { prototype } = String
  const iterate = prototype[Symbol.iterator]
  let looked = 0
  prototype[Symbol.iterator] = function (this: string) {
    const rest = iterate.call(this)
    const next = rest.next.bind(rest)
    return Object.assign(rest, {
      next: () => {
        looked += 1
        return next()
      },
    })
  }
  try {
    t.match(quoted(text, 100), /^"(?:\\u\{202e\})+\.{3}(?:\\u\{202e\})+"$/)
  } finally {
    prototype[Symbol.iterator] = iterate
  }
  t.ok(looked > 0 && looked < 500, `${looked} characters`)
})

t.test('whatever comes in, a bounded line of printable ASCII in quotes comes out', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 16, max: 200 }),
      (text, max) => {
        const shown = quoted(text, max)
        const inner = shown.slice(1, -1)
        return (
          /^"[ -~]*"$/.test(shown) &&
          inner.length <= max &&
          !/ {2}|[<>&]/.test(inner) &&
          // no quote that is not escaped
          !/^(?:[^\\]|\\.)*?(?<!\\)"/.test(inner.replace(/\\\\/g, ''))
        )
      },
    ),
  )
})

t.test('two texts that are shown whole look the same only if they are', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      (one, other) => (quoted(one, 400) === quoted(other, 400)) === (one === other),
    ),
  )
})
