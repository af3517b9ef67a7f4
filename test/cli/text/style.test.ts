import t from 'tap'
import { colour, paintFor, plain } from '../../../cli/text/style.ts'

t.test('colour on a terminal only, and not where NO_COLOR forbids it', async (t) => {
  const cases: [string, Record<string, string>, boolean, typeof plain][] = [
    ['a terminal', { TERM: 'xterm' }, true, colour],
    ['a terminal without a name', {}, true, colour],
    ['an empty NO_COLOR', { NO_COLOR: '' }, true, colour],
    ['a pipe', { TERM: 'xterm' }, false, plain],
    ['NO_COLOR', { NO_COLOR: '1' }, true, plain],
    ['a dumb terminal', { TERM: 'dumb' }, true, plain],
  ]
  for (const [name, env, isTTY, paint] of cases) t.equal(paintFor(env, { isTTY }), paint, name)
})

t.test('a style ends where the text ends', async (t) => {
  t.equal(colour('bold', 'x'), '\x1b[1mx\x1b[0m')
  t.equal(colour('qr', 'x'), '\x1b[97;40mx\x1b[0m')
  t.equal(plain('red', 'x'), 'x')
})
