import t from 'tap'
import { type AgeLimits, outlived } from '../../../daemon/grant/outlived.ts'
import { granted } from '../../fakes/granted.ts'

const LOGIN = 1_000_000_000
const SLACK = 30_000

t.test('a grant is over past the age of its login, or past its last use', async (t) => {
  const session: AgeLimits = { sessionAgeSeconds: 3_600 }
  const idle: AgeLimits = { idleAgeSeconds: 600 }
  type Row = readonly [AgeLimits, number | undefined, number | undefined, number, string?]
  const table: readonly Row[] = [
    [{}, undefined, undefined, 1e15],
    [session, undefined, undefined, 3_600_000],
    [session, undefined, undefined, 3_600_001, 'session'],
    [session, 3_600_000, 3_600_000, 3_600_001, 'session'],
    [session, undefined, undefined, -86_400_000],
    [idle, undefined, undefined, 600_000 + SLACK],
    [idle, undefined, undefined, 600_001 + SLACK, 'idle'],
    [idle, 1_000_000, undefined, 1_600_000 + SLACK],
    [idle, 1_000_000, undefined, 1_600_001 + SLACK, 'idle'],
    [idle, 1_000_000, 1_500_000, 2_100_000],
    [idle, 1_000_000, 1_500_000, 2_100_001, 'idle'],
    [{ ...session, ...idle }, 3_500_000, undefined, 3_600_001, 'session'],
    [{ ...session, ...idle }, undefined, undefined, 700_000, 'idle'],
  ]
  for (const [limits, recorded, seen, age, limit] of table) {
    const grant = granted({
      createdAt: LOGIN,
      ...(recorded !== undefined && { lastUsedAt: LOGIN + recorded }),
    })
    const used = seen === undefined ? undefined : LOGIN + seen
    t.equal(
      outlived(grant, limits, used, LOGIN + age)?.limit,
      limit,
      JSON.stringify([limits, recorded, seen, age]),
    )
  }
  t.same(outlived(granted({ createdAt: 0 }), session, undefined, 1e12), {
    limit: 'session',
    seconds: 3_600,
  })
})
