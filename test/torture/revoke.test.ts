import t from 'tap'
import { shortRun } from './short-run.ts'

t.test('a revocation that is killed anywhere is over, or has not begun', async (t) => {
  const { tally } = await shortRun(t, { issuer: 'family', operation: 'revoke', kills: 2 })
  t.equal(tally.lost, 0)
})
