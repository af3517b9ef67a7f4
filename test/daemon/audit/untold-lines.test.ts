import t from 'tap'
import { fragmentOf } from '../../../daemon/audit/find-end.ts'
import { UntoldLines } from '../../../daemon/audit/untold-lines.ts'

function untold(...texts: readonly string[]): UntoldLines<{ readonly text: string }> {
  const lines = new UntoldLines()
  for (const text of texts) lines.add({ text })
  return lines
}

const torn = (fragment: string): string =>
  `{"event":"audit.torn","audit":${JSON.stringify(fragmentOf(fragment))}}`

t.test('they are told by a line that names all of them, and no others', async (t) => {
  t.ok(untold('cut').areToldBy(torn('cut')))
  t.ok(untold('cut', 'again').areToldBy(torn('cut\nagain')))
  t.ok(untold('cut', '').areToldBy(torn('cut\n')))
  for (const other of ['cut', 'again', 'cutagain', 'again\ncut', ''])
    t.notOk(untold('cut', 'again').areToldBy(torn(other)), other)
  t.notOk(untold().areToldBy(torn('')), 'nothing was cut')
})

t.test('a daemon knows what it could not write whole', async (t) => {
  t.ok(untold('cut', 'again').are('cut\nagain'))
  t.ok(untold('cut').are('cut\n'))
  t.notOk(untold('cut', 'more').are('cut\nagain'))
  t.notOk(untold('cut').are(undefined))
  t.notOk(untold().are(undefined))
})

t.test('they are taken once, in their order', async (t) => {
  const lines = untold('cut', 'again')
  t.same(lines.take(), [{ text: 'cut' }, { text: 'again' }])
  t.same(lines.take(), [])
})

t.test('more than a crash can leave is too much', async (t) => {
  t.notOk(untold('x'.repeat(60_000)).isTooMuch)
  t.ok(untold(...Array.from({ length: 40_000 }, () => 'x')).isTooMuch)
  const lines = untold('x'.repeat(70_000))
  lines.take()
  t.notOk(lines.isTooMuch)
})
