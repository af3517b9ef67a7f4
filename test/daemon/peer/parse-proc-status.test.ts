import fc from 'fast-check'
import t from 'tap'
import { parseNsPid } from '../../../daemon/peer/parse-proc-status.ts'

function statusOf(name: string, numbers: string): string {
  return `Name:\t${name}\nUmask:\t0022\nNStgid:\t1\t2\nNSpid:\t${numbers}\nNSpgid:\t3\n`
}

t.test('the innermost namespace has the last word', async (t) => {
  t.equal(parseNsPid(statusOf('git', '4242')), 4242)
  t.equal(parseNsPid(statusOf('git', '4242\t17')), 17)
  t.equal(parseNsPid(statusOf('git', '4242\t17\t1')), 1)
})

t.test('no command name can forge a pid', async (t) => {
  // the kernel writes a line feed in a name as two characters, and everything else as it is
  for (const end of ['\r', '\u0085', '\u2028', '\\n', '\v', '\f'])
    t.equal(parseNsPid(statusOf(`x${end}NSpid:\t1`, '4242\t17')), 17, encodeURIComponent(end))
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 64 }).map((name) => name.replaceAll('\n', '\\n')),
      (name) => parseNsPid(statusOf(name, '4242\t17')) === 17,
    ),
  )
})

t.test('a text of another form says nothing', async (t) => {
  for (const text of [
    '',
    'NSpid:',
    'NSpid:\t',
    'NSpid:\t-1',
    'NSpid:\t1x',
    'NSpid: 7',
    'Name:\tgit',
  ])
    t.equal(parseNsPid(text), undefined, JSON.stringify(text))
})
