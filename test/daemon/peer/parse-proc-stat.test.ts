import fc from 'fast-check'
import t from 'tap'
import { parseStartTime } from '../../../daemon/peer/parse-proc-stat.ts'

/** `/proc/<pid>/stat` of a process with this command name and start time. */
function statOf(command: string, startTime: string): string {
  const before = Array.from({ length: 17 }, (_, i) => String(i)).join(' ')
  return `4242 (${command}) S 1 ${before} ${startTime} 0 0 0\n`
}

t.test('the start time is found whatever the command calls itself', async (t) => {
  for (const command of ['git', 'a b', ') S 1 2 3', '(sd-pam)', 'x\ny', '))', '', 'tmux: server'])
    t.equal(parseStartTime(statOf(command, '987654321')), '987654321', JSON.stringify(command))
})

t.test('no command name can forge a start time', async () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 80, unit: 'binary' }),
      fc.bigInt({ min: 0n, max: 2n ** 64n }),
      (command, ticks) => parseStartTime(statOf(command, String(ticks))) === String(ticks),
    ),
  )
})

t.test('a text of another form has no start time', async (t) => {
  for (const text of ['', '4242 git S 1', '4242 (git)', '4242 (git) S 1 2', statOf('git', '-1')])
    t.equal(parseStartTime(text), undefined, JSON.stringify(text))
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) =>
      /^(?:undefined|\d+)$/.test(String(parseStartTime(text))),
    ),
  )
})
