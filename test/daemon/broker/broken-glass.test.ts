import t from 'tap'
import { BrokenGlass, type Lift } from '../../../daemon/broker/broken-glass.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'

const lift: Lift = {
  grant: 'work',
  grantId: 'grant-1',
  class: 'local',
  seconds: 900,
  reason: 'roll back',
  rules: ['no writing'],
}

function world() {
  const clock = new FakeClock()
  const audit = new FakeAudit()
  const say = { rules: {} }
  const glass = new BrokenGlass({ clock, audit, rules: () => say.rules, max: 2 })
  const isLifted = () => glass.reasonFor('grant-1', 'local') !== undefined
  const ends = () => audit.entries.map(({ event, reason }) => [event, reason])
  return { clock, audit, say, glass, isLifted, ends }
}

t.test('one grant and one class, and what is left of it is told', async (t) => {
  const { clock, glass, isLifted } = world()
  t.equal(isLifted(), false)
  const begun = glass.begin(lift)
  t.same(begun, {
    grant: 'work',
    class: 'local',
    reason: 'roll back',
    lifted: ['no writing'],
    started_at: '2030-01-01T00:00:00.000Z',
    seconds_left: 900,
    used: 0,
  })
  t.equal(glass.reasonFor('grant-1', 'local'), 'roll back')
  t.equal(glass.reasonFor('grant-1', 'relay'), undefined)
  t.equal(glass.reasonFor('grant-2', 'local'), undefined)
  clock.advance(60_000)
  glass.countUse('grant-1')
  glass.countUse('of no grant')
  t.same(glass.list(), [{ ...begun, seconds_left: 840, used: 1 }])
})

t.test('it ends at its time, by whichever clock is there first', async (t) => {
  for (const [what, move] of [
    ['both go on', (clock: FakeClock) => clock.advance(900_000)],
    ['the machine slept', (clock: FakeClock) => clock.jump(900_000)],
    [
      'the clock was set back',
      (clock: FakeClock) => {
        clock.jump(-86_400_000)
        clock.advance(900_000)
      },
    ],
  ] as const) {
    const { clock, audit, glass, isLifted } = world()
    glass.begin(lift)
    clock.advance(0)
    t.equal(isLifted(), true)
    move(clock)
    t.equal(isLifted(), false, what)
    t.match(audit.last, {
      event: 'break_glass.ended',
      grant: 'work',
      grantId: 'grant-1',
      lifted: ['no writing'],
      reason: 'expired',
      request: { reason: 'roll back', class: 'local', used: 0 },
    })
    t.same(glass.list(), [])
  }
  const { clock, glass, isLifted } = world()
  glass.begin(lift)
  clock.jump(-86_400_000)
  t.match(glass.list(), [{ seconds_left: 900 }], 'a clock set back adds nothing')
  clock.advance(899_999)
  t.equal(isLifted(), true)
})

t.test('any change of the rules ends it, and it does not come back with them', async (t) => {
  const { say, glass, isLifted, ends } = world()
  const { rules } = say
  glass.begin(lift)
  say.rules = {}
  glass.sweep()
  t.same(ends(), [['break_glass.ended', 'policy_changed']])
  say.rules = rules
  t.equal(isLifted(), false)
})

t.test('whoever closes it is on record', async (t) => {
  const { audit, glass, isLifted } = world()
  t.equal(glass.close('work', samplePeer()), undefined)
  glass.begin(lift)
  t.match(glass.close('work', samplePeer()), { grant: 'work', seconds_left: 900 })
  t.equal(isLifted(), false)
  t.match(audit.last, { reason: 'closed', peer: samplePeer() })
  t.equal(glass.close('work', samplePeer()), undefined)
})

t.test('the grant, a lock and the next one end it, each of its own', async (t) => {
  const { glass, isLifted, ends } = world()
  glass.begin(lift)
  glass.endOfGrant('grant-2')
  t.equal(isLifted(), true)
  glass.endOfGrant('grant-1')
  t.equal(isLifted(), false)
  glass.begin(lift)
  glass.begin({ ...lift, class: 'relay' })
  t.equal(isLifted(), false)
  glass.begin({ ...lift, grant: 'home', grantId: 'grant-2' })
  glass.endAll('locked')
  t.same(glass.list(), [])
  t.same(
    ends().map(([, reason]) => reason),
    ['grant_ended', 'replaced', 'locked', 'locked'],
  )
})

t.test('no more grants than there is room for, but another time for one of them', async (t) => {
  const { clock, glass } = world()
  glass.begin(lift)
  glass.begin({ ...lift, grantId: 'grant-2' })
  glass.requireRoom('grant-1')
  t.throws(() => glass.requireRoom('grant-3'), { code: 'invalid_request' })
  clock.advance(900_000)
  glass.requireRoom('grant-3')
})

t.test('an end that cannot be recorded is an end, and is recorded later', async (t) => {
  const { audit, glass, isLifted, ends } = world()
  audit.failing = 'all'
  glass.begin(lift)
  t.throws(() => glass.close('work', samplePeer()), { code: 'audit_unavailable' })
  t.equal(isLifted(), false)
  glass.sweep()
  audit.failing = []
  glass.sweep()
  glass.sweep()
  t.same(ends(), [['break_glass.ended', 'closed']])
})
