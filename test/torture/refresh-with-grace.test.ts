import t from 'tap'
import { shortRun } from './short-run.ts'

t.test('where the issuer repeats its answer no kill costs a grant', async (t) => {
  const { tally } = await shortRun(t, { issuer: 'grace', operation: 'refresh', kills: 3 })
  t.equal(tally.lost, 0)
})
