import t from 'tap'
import type { GrantState } from '../../../daemon/grant/grant.ts'
import { DOUBT_SECONDS, doubtSeconds, rescueDelayMs } from '../../../daemon/refresh/doubt.ts'

t.test(
  'the retry comes within half of a known grace window, or after the usual pause',
  async (t) => {
    const table: readonly (readonly [number | undefined, number])[] = [
      [undefined, DOUBT_SECONDS],
      [0, DOUBT_SECONDS],
      [1, 0.5],
      [10, 5],
      [30, 15],
      [2 * DOUBT_SECONDS, DOUBT_SECONDS],
      [60, DOUBT_SECONDS],
      [7_776_000, DOUBT_SECONDS],
    ]
    for (const [grace, seconds] of table)
      t.equal(
        doubtSeconds(grace === undefined ? {} : { rotationGraceSeconds: grace }),
        seconds,
        `${grace}`,
      )
  },
)

t.test('a grant in doubt is rescued while its issuer answers, and only then', async (t) => {
  const START = 1_000_000
  const doubt = (attempt: number): GrantState => ({
    kind: 'in_doubt',
    intent: { tokenHash: 'x', startedAt: START, attempt },
  })
  const table: readonly (readonly [GrantState, number | undefined, number, number | undefined])[] =
    [
      [doubt(1), 30, 0, 15_000],
      [doubt(1), 30, 14_000, 1_000],
      [doubt(1), 30, 15_000, 0],
      [doubt(1), 30, 29_999, 0],
      [doubt(1), 30, 30_000, undefined],
      [doubt(1), 300, 200_000, 0],
      [doubt(1), 30, -1, undefined],
      [doubt(2), 30, 15_000, undefined],
      [doubt(1), 0, 15_000, undefined],
      [doubt(1), undefined, 15_000, undefined],
      [{ kind: 'active' }, 30, 15_000, undefined],
      [{ kind: 'login_required', reason: '' }, 30, 15_000, undefined],
    ]
  for (const [state, grace, age, delay] of table) {
    const grant = { state, ...(grace !== undefined && { rotationGraceSeconds: grace }) }
    t.equal(rescueDelayMs(grant, START + age), delay, JSON.stringify([state, grace, age]))
  }
})
