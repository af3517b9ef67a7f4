import t from 'tap'
import type { TokenKey } from '../../../daemon/token/cache-key.ts'
import { Renewals } from '../../../daemon/token/renewals.ts'
import { accessToken } from '../../fakes/access-token.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

const KEY: TokenKey = {
  grantId: 'g',
  validSinceGeneration: 1,
  audience: undefined,
  scope: ['a'],
  thumbprint: undefined,
}

function scene(random = 0.5, lifeSeconds = 1_000, most = 100) {
  const clock = new FakeClock()
  const renewals = new Renewals({ clock, random: () => random, most })
  const token = accessToken(clock.now(), lifeSeconds)
  return { clock, renewals, token }
}

t.test('a token is due at three quarters of its life, give or take a tenth of that', async (t) => {
  for (const [random, dueSeconds] of [
    [0, 675],
    [0.5, 750],
    [1, 825],
  ] as const) {
    const { clock, renewals, token } = scene(random)
    renewals.handedOut(KEY, token, 'm')
    clock.advance(dueSeconds * 1000 - 1)
    t.same(renewals.takeDue(), [], `${random}`)
    clock.advance(1)
    t.same(renewals.takeDue(), [KEY], `${random}`)
  }
})

t.test('its life counts from when it was fetched, however late somebody got it', async (t) => {
  const { clock, renewals, token } = scene()
  clock.advance(700_000)
  renewals.handedOut(KEY, token, 'm')
  clock.advance(50_000)
  t.same(renewals.takeDue(), [KEY])
})

t.test('each is due once, unless it is put back, and nobody got the next one', async (t) => {
  const { clock, renewals, token } = scene()
  renewals.handedOut(KEY, token, 'm')
  clock.advance(800_000)
  t.same(renewals.takeDue(), [KEY])
  t.same(renewals.takeDue(), [])
  renewals.handedOut(KEY, token, 'm')
  t.same(renewals.takeDue(), [], 'also when it is handed out again')
  renewals.putBack(KEY)
  t.same(renewals.takeDue(), [KEY])
  renewals.handedOut(KEY, accessToken(clock.now(), 1_000), 'next')
  clock.advance(800_000)
  t.same(renewals.takeDue(), [KEY], 'the next one that somebody got')
})

t.test('by either clock a token may be due, and over', async (t) => {
  const woken = scene()
  woken.renewals.handedOut(KEY, woken.token, 'm')
  woken.clock.jump(800_000)
  t.same(woken.renewals.takeDue(), [KEY])
  const setBack = scene()
  setBack.renewals.handedOut(KEY, setBack.token, 'm')
  setBack.clock.advance(800_000)
  setBack.clock.jump(-86_400_000)
  t.same(setBack.renewals.takeDue(), [KEY])
  for (const over of [woken, setBack]) {
    over.clock.advance(1_000_000)
    t.equal(over.renewals.size, 1)
    over.renewals.putBack(KEY)
    t.same(over.renewals.takeDue(), [], 'who comes now is served by an exchange of his own')
    t.equal(over.renewals.size, 0)
    over.renewals.putBack(KEY)
    t.equal(over.renewals.size, 0)
  }
})

t.test('no more are watched than may be, and the oldest goes', async (t) => {
  const { clock, renewals, token } = scene(0.5, 1_000, 3)
  const keys = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...KEY, scope: [name] }))
  for (const key of keys) renewals.handedOut(key, token, 'm')
  renewals.handedOut(keys[2] ?? KEY, token, 'next')
  t.equal(renewals.size, 3)
  clock.advance(750_000)
  t.same(
    renewals.takeDue().flatMap(({ scope }) => scope),
    ['c', 'd', 'e'],
  )
})

t.test('short lives are not renewed ahead', async (t) => {
  const short = scene(0.5, 299)
  short.renewals.handedOut(KEY, short.token, 'm')
  t.equal(short.renewals.size, 0)
  const long = scene(0.5, 300)
  long.renewals.handedOut(KEY, long.token, 'm')
  t.equal(long.renewals.size, 1)
  long.renewals.clear()
  t.equal(long.renewals.size, 0)
})
