import t from 'tap'
import { countExchanges } from './count-exchanges.ts'
import { startWorld, tokenOf } from './world.ts'

t.test('fifty callers of one expired token cause one exchange', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const before = world.issuer.counts('refresh_token')
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => world.token({ grant: 'work', scope: 'repo:read' })),
  )
  t.same([...new Set(answers.map((answer) => answer.status))], [200])
  t.equal(
    new Set(answers.map((answer) => tokenOf(answer).access_token)).size,
    1,
    'all got the same token',
  )
  t.equal(world.issuer.counts('refresh_token') - before, 1)
})

t.test('callers with different scopes take turns, and the grant survives', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const before = world.issuer.counts('refresh_token')
  const scopes = ['repo:read', 'repo:write', 'repo:read repo:write']
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => world.token({ grant: 'work', scope: scopes[i % 3] })),
  )
  t.same([...new Set(answers.map((answer) => answer.status))], [200])
  t.equal(world.issuer.counts('refresh_token') - before, 3, 'one exchange for each scope')
  const again = await world.token({ grant: 'work', scope: 'repo:read' })
  t.equal(again.status, 200)
  t.equal(world.issuer.counts('refresh_token') - before, 3, 'the others are still cached')
})

t.test('64 callers at once cost no more exchanges than they want different tokens', async (t) => {
  t.match(await countExchanges(), [
    { callers: 64, served: 64, exchanges: 1 },
    { callers: 64, served: 64, exchanges: 1 },
    { callers: 64, served: 64, exchanges: 64 },
  ])
})
