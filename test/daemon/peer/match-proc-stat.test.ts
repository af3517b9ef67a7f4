import fc from 'fast-check'
import t from 'tap'
import { isStill } from '../../../daemon/peer/match-proc-stat.ts'
import { isSameProcess, parseProcStat } from '../../../daemon/peer/parse-proc-stat.ts'

const AFTER_NAME =
  'S 4000 4242 4000 -1 4242 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 9 10 11 93893544996864 93893545016745 140734908661248'

const SEEN = {
  state: 'S',
  parentPid: 4000,
  terminal: 0,
  startTime: '987654',
  image: '93893544996864 93893545016745 140734908661248',
}

function textOf(command: string, afterName = AFTER_NAME): string {
  return `4242 (${command}) ${afterName} 0 0 0\n`
}

/** As a file is read: into a buffer in which something stood before. */
function isStillIn(text: string): boolean {
  const bytes = Buffer.from(`${text}${textOf('before')}`, 'latin1')
  return isStill(SEEN, bytes, text.length)
}

t.test('one that lives and runs the same is the same, whatever it calls itself', async (t) => {
  for (const command of ['git', 'a) b (c', ') Z 1', '', '\xff\n', `x) ${AFTER_NAME}`])
    t.ok(isStillIn(textOf(command)), JSON.stringify(command))
  t.ok(
    isStillIn(textOf('git', AFTER_NAME.replace('S 4000', 'R 1').replace(' 1 2 3 ', ' 9999 2 3 '))),
  )
  t.ok(isStillIn(`4242 (git) ${AFTER_NAME}\n`), 'nothing comes behind')
})

t.test('one that is dead, began at another time or executed something is another', async (t) => {
  const changes = [
    ['S 4000', 'Z 4000'],
    ['S 4000', 'X 4000'],
    ['S 4000', 'SS 4000'],
    ['987654', '987655'],
    ['987654', '9876540'],
    ['987654', '98765'],
    ['987654', '0987654'],
    ['93893544996864', '93893544996865'],
    ['93893545016745', '0'],
    ['140734908661248', '140734908661249'],
    ['140734908661248', '1407349086612480'],
    ['140734908661248', '14073490866124'],
    [' 93893544996864 93893545016745 140734908661248', ''],
    [AFTER_NAME, 'S'],
    [AFTER_NAME, ''],
  ] as const
  for (const [from, to] of changes)
    t.notOk(isStillIn(textOf('git', AFTER_NAME.replace(from, to))), `${from} -> ${to}`)
  for (const text of ['', '\n', 'nothing', textOf('git').slice(0, -60)])
    t.notOk(isStillIn(text), JSON.stringify(text))
})

t.test('it says what comparing two parsed files says', async () => {
  const part = fc.oneof(
    fc.constantFrom(...AFTER_NAME.split(' '), 'Z', 'X', 'R', '987655'),
    fc.nat().map(String),
  )
  const fields = fc.oneof(
    fc.constant(AFTER_NAME.split(' ')),
    fc
      .tuple(fc.nat({ max: 26 }), part)
      .map(([at, one]) => AFTER_NAME.split(' ').with(at % 26, one)),
    fc.array(part, { maxLength: 40 }),
  )
  const command = fc.string({
    unit: fc.constantFrom('a', ')', '(', ' ', 'S', '1', '\n'),
    maxLength: 15,
  })
  fc.assert(
    fc.property(command, fields, (name, after) => {
      const text = textOf(name, after.join(' '))
      const parsed = parseProcStat(text)
      // a text that no kernel writes is nobody to one of them, and may be somebody to the other
      return parsed === undefined || isStillIn(text) === isSameProcess(SEEN, parsed)
    }),
    { numRuns: 500 },
  )
})
