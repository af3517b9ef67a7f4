import fc from 'fast-check'
import t from 'tap'
import { isSameProcess, parseProcStat } from '../../../daemon/peer/parse-proc-stat.ts'

/** Fields 3 to 28 of `/proc/<pid>/stat`, as in proc_pid_stat(5). */
const AFTER_NAME =
  'S 4000 4242 4000 34819 4242 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 9 10 11 93893544996864 93893545016745 140734908661248'

/** `/proc/<pid>/stat` of a process with this command name; each character is a byte. */
function statOf(command: string, afterName = AFTER_NAME): string {
  return `4242 (${command}) ${afterName} 0 0 0\n`
}

const EXPECTED = {
  state: 'S',
  parentPid: 4000,
  terminal: 34_819,
  startTime: '987654',
  image: '93893544996864 93893545016745 140734908661248',
}

t.test('the facts are found whatever the command calls itself', async (t) => {
  const forged = `x) ${AFTER_NAME.replace('987654', '1')}`
  const names = [
    'git',
    'a b',
    '(sd-pam)',
    'x\ny',
    '))',
    '',
    'tmux: server',
    '\r',
    '\xff\xfe',
    forged,
  ]
  for (const command of names)
    t.same(parseProcStat(statOf(command)), EXPECTED, JSON.stringify(command))
})

t.test('no command name can forge a fact', async () => {
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
  const awkward = fc.constantFrom(') S 1', ')', '(', ' ', '\n', '\0', ') R 0 0 0 0 ')
  fc.assert(
    fc.property(
      fc.array(fc.oneof(byte, awkward), { maxLength: 64 }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.nat({ max: 4_194_304 }),
      (command, ticks, parent) => {
        const after = AFTER_NAME.replace('987654', String(ticks)).replace('4000', String(parent))
        const seen = parseProcStat(statOf(command.join(''), after))
        return seen?.startTime === String(ticks) && seen.parentPid === parent
      },
    ),
  )
})

t.test('a terminal with a large number is no negative one', async (t) => {
  const stat = statOf('git', AFTER_NAME.replace('34819', '-2146923520'))
  t.equal(parseProcStat(stat)?.terminal, 2_148_043_776)
})

t.test('a text of another form says nothing', async (t) => {
  const broken = [
    '',
    '4242 git S 1',
    '4242 (git)',
    '4242 (git) S 1 2',
    statOf('git', AFTER_NAME.replace('987654', '-1')),
    statOf('git', AFTER_NAME.replace('S 4000', 'S x')),
    statOf('git', AFTER_NAME.replace('S 4000', '7 4000')),
    statOf('git', AFTER_NAME.replace('140734908661248', '')),
    `4242 (git) ${AFTER_NAME.split(' ').slice(0, 25).join(' ')}`,
  ]
  for (const text of broken) t.equal(parseProcStat(text), undefined, JSON.stringify(text))
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) =>
      /^(?:undefined|\d+)$/.test(String(parseProcStat(text)?.startTime)),
    ),
  )
})

t.test('the same process lives and runs the same program', async (t) => {
  const seen = parseProcStat(statOf('git'))
  t.ok(isSameProcess(seen, { ...EXPECTED, parentPid: 1 }), 'its parent may have ended')
  const others = { state: 'Z', startTime: '987655', image: '93893544996864 93893545016745 1' }
  for (const [name, value] of Object.entries(others))
    t.notOk(isSameProcess(seen, { ...EXPECTED, [name]: value }), name)
  t.notOk(isSameProcess(seen, { ...EXPECTED, state: 'X' }))
  t.notOk(isSameProcess(undefined, EXPECTED))
  t.notOk(isSameProcess(EXPECTED, undefined))
})
