import t from 'tap'
import { shortRun } from './short-run.ts'

t.test('a vault that is being sealed anew opens whole, wherever it was killed', async (t) => {
  const { tally } = await shortRun(t, { issuer: 'family', operation: 'rekey', kills: 2 })
  t.equal(tally.lost, 0)
})
