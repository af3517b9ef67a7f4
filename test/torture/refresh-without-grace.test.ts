import t from 'tap'
import { shortRun } from './short-run.ts'

t.test('a kill costs a grant only while its rotation exists nowhere on the disk', async (t) => {
  const { tally, replays } = await shortRun(t, { issuer: 'family', operation: 'refresh', kills: 3 })
  t.ok(tally.lost > 0, 'an issuer without grace must be seen to take what it takes')
  t.ok(replays.permitted >= tally.lost, 'each of them was tried once more')
})
