import t from 'tap'
import { quoteProgram, quoteWord } from '../../cli/systemd-quote.ts'

t.test('a word is what it was once systemd has read it', async (t) => {
  t.equal(quoteWord('/opt/my tools/main.js'), '"/opt/my tools/main.js"')
  t.equal(quoteWord('100% $HOME "x" \\n'), '"100%% $$HOME \\"x\\" \\\\n"')
  t.equal(quoteWord('$$'), '"$$$$"')
  t.equal(quoteWord(''), '""')
  for (const word of ['a\nb', 'a\0', '\u001b[2J', '\u2028', '\ud800'])
    t.throws(() => quoteWord(word), { message: /control characters/ })
})

t.test(
  'the program may hold blanks and percent signs, and nothing that has a meaning',
  async (t) => {
    t.equal(quoteProgram('/opt/my node/100%/node'), '"/opt/my node/100%%/node"')
    for (const path of ['/a"b', "/a'b", '/a\\b', '/a$b', '/a\nb'])
      t.throws(() => quoteProgram(path), { message: /^systemd cannot start/ })
    t.throws(() => quoteProgram('node'), { message: '"node" is not absolute' })
  },
)
