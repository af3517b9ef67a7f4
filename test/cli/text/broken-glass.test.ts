import t from 'tap'
import { announcement, endedText, liftedText } from '../../../cli/text/broken-glass.ts'
import { BROKEN_GLASS } from '../../fakes/cli-answers.ts'

t.test('the time left and the reason are announced', async (t) => {
  t.equal(
    announcement(BROKEN_GLASS),
    '"work", class local, 14:05 left, used 2 times: roll back (lifts no writing)',
  )
})

t.test('a beginning and an end, in lines that cannot draw', async (t) => {
  t.match(endedText({ ...BROKEN_GLASS, used: 1 }), 'one token left')
  t.notMatch(liftedText({ ...BROKEN_GLASS, lifted: ['\u001b[2J'] }), '\u001b')
})
