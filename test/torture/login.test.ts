import t from 'tap'
import { shortRun } from './short-run.ts'

t.test('a login that is killed anywhere leaves one whole grant', async (t) => {
  const { tally } = await shortRun(t, { issuer: 'family', operation: 'login', kills: 2 })
  t.equal(tally.lost, 0)
})
