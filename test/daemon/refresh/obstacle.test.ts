import t from 'tap'
import type { Grant, GrantState } from '../../../daemon/grant/grant.ts'
import { BackOff } from '../../../daemon/refresh/back-off.ts'
import { pauseObstacle, stateObstacle, suspicion } from '../../../daemon/refresh/obstacle.ts'
import { exactly } from '../../../daemon/refresh/pauses.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { sampleGrant } from '../../fakes/sample-grant.ts'

const START = 1_000_000
const intent = (attempt: number) => ({ tokenHash: 'x', startedAt: START, attempt })

t.test('what the state of a grant says about an exchange', async (t) => {
  const twice = { kind: 'permanent', code: 'login_required', detail: /two answers/ }
  const table: readonly (readonly [GrantState, number, object | undefined, Partial<Grant>?])[] = [
    [{ kind: 'active' }, 0, undefined],
    [{ kind: 'revoked', at: 1, revocation: 'queued' }, 0, { kind: 'superseded' }],
    [{ kind: 'login_required', reason: 'why' }, 0, { kind: 'permanent', detail: 'why' }],
    [{ kind: 'refreshing', intent: intent(1) }, 1, { kind: 'in_doubt', retryAfterSeconds: 25 }],
    [{ kind: 'in_doubt', intent: intent(1) }, 24_001, { kind: 'in_doubt', retryAfterSeconds: 1 }],
    [{ kind: 'in_doubt', intent: intent(1) }, 25_000, undefined],
    [{ kind: 'in_doubt', intent: intent(1) }, -1, undefined],
    [
      { kind: 'in_doubt', intent: intent(1) },
      4_999,
      { kind: 'in_doubt', retryAfterSeconds: 1 },
      { rotationGraceSeconds: 10 },
    ],
    [{ kind: 'in_doubt', intent: intent(1) }, 5_000, undefined, { rotationGraceSeconds: 10 }],
    [{ kind: 'in_doubt', intent: intent(2) }, 5_000, twice, { rotationGraceSeconds: 10 }],
    [{ kind: 'refreshing', intent: intent(2) }, 99_999_999, twice],
  ]
  for (const [state, age, outcome, changes] of table) {
    const found = stateObstacle(sampleGrant({ state, ...changes }), START + age)
    const what = JSON.stringify([state, age, changes])
    if (outcome === undefined) t.equal(found, undefined, what)
    else t.match(found, outcome, what)
  }
  t.same(stateObstacle(undefined, 0), { kind: 'superseded' })
})

t.test('three refusals without a word make a grant suspect', async (t) => {
  t.equal(suspicion({}), undefined)
  t.equal(suspicion({ bareRefusals: 2 }), undefined)
  t.equal(suspicion({ bareRefusals: 3 }), 'the issuer refused 3 times without saying why')
})

t.test('a pause of the client stops all its grants, one of the grant itself alone', async (t) => {
  const clock = new FakeClock()
  const backOff = new BackOff({ clock, random: () => 0 })
  const [one, other] = [sampleGrant({ id: 'one' }), sampleGrant({ id: 'other' })]
  const look = (grant: Grant) => pauseObstacle(backOff, grant, 'client')
  t.equal(look(one), undefined)
  backOff.failed('one', 'why', exactly(10))
  t.same(look(one), { kind: 'transient', detail: 'why', retryAfterSeconds: 10 })
  t.equal(look(other), undefined)
  t.match(look({ ...one, bareRefusals: 3 }), { kind: 'permanent', code: 'login_required' })
  backOff.failed('client', 'the client', exactly(20))
  const stopped = { kind: 'permanent', code: 'issuer_rejected', detail: 'the client' }
  t.same(look(one), stopped)
  t.same(look(other), stopped)
  clock.advance(20_000)
  t.equal(look(one), undefined)
  t.equal(look({ ...other, bareRefusals: 3 }), undefined, 'a suspect is tried now and then')
})
