import fc from 'fast-check'
import t from 'tap'
import { tokenHash } from '../../../daemon/base/token-hash.ts'
import type { TokenKey } from '../../../daemon/token/cache-key.ts'
import { TokenCache } from '../../../daemon/token/token-cache.ts'
import { accessToken } from '../../fakes/access-token.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

function keyOf(grantId: string, scope = 'repo:read'): TokenKey {
  return {
    grantId,
    validSinceGeneration: 1,
    audience: undefined,
    scope: [scope],
    thumbprint: undefined,
  }
}

const KEY = keyOf('one')

function cacheOf(maxTokens = 10): { readonly cache: TokenCache; readonly clock: FakeClock } {
  const clock = new FakeClock()
  return { cache: new TokenCache({ clock, maxTokens }), clock }
}

t.test('a token is found under its key until too little of its life is left', async (t) => {
  const { cache, clock } = cacheOf()
  const token = accessToken(clock.now(), 300)
  cache.keep(KEY, token)
  t.equal(cache.fresh(KEY, 0), token)
  t.equal(cache.fresh(keyOf('one', 'other'), 0), undefined)
  t.equal(cache.fresh(keyOf('two'), 0), undefined)
  clock.advance(200_000)
  t.equal(cache.fresh(KEY, 100), token)
  t.equal(cache.fresh(KEY, 101), undefined, 'the caller wants more')
  clock.advance(70_000)
  t.equal(cache.fresh(KEY, 0), token)
  clock.advance(1)
  t.equal(cache.fresh(KEY, 0), undefined)
  clock.advance(30_000)
  t.equal(cache.fresh(KEY, 0), undefined)
  t.equal(cache.size, 0, 'a dead token is not kept')
})

t.test('a token that is over is not kept', async (t) => {
  const { cache, clock } = cacheOf()
  for (const token of [accessToken(clock.now(), 0), accessToken(clock.now() - 300_000, 300)]) {
    cache.keep(KEY, token)
    t.equal(cache.size, 0)
  }
})

t.test('a wall clock that goes back gives no token a longer life', async (t) => {
  const { cache, clock } = cacheOf()
  cache.keep(KEY, accessToken(clock.now(), 300))
  clock.advance(100_000)
  clock.jump(-3_600_000)
  const token = cache.fresh(KEY, 0)
  t.equal(token?.expiresAt, clock.now() + 200_000, 'its end is told by the new time')
  t.equal(cache.fresh(KEY, 201), undefined)
  clock.advance(170_001)
  t.equal(cache.fresh(KEY, 0), undefined, 'less than 30 s are left')
  clock.advance(60_000)
  t.equal(cache.fresh(KEY, 0), undefined)
  t.notOk(cache.holds(KEY, tokenHash('token')), 'and then it is over')
})

t.test('a jump back during the exchange gives no token a longer life either', async (t) => {
  const { cache, clock } = cacheOf()
  const token = accessToken(clock.now(), 300)
  clock.jump(-3_600_000)
  cache.keep(KEY, token)
  t.equal(cache.fresh(KEY, 0)?.expiresAt, clock.now() + 300_000)
  clock.advance(300_001)
  t.equal(cache.fresh(KEY, 0), undefined)
})

t.test('after a suspend, or a jump ahead, the wall clock counts', async (t) => {
  const { cache, clock } = cacheOf()
  cache.keep(KEY, accessToken(clock.now(), 300))
  clock.jump(271_000)
  t.equal(cache.fresh(KEY, 0), undefined)
  const next = accessToken(clock.now(), 300, 'next')
  cache.keep(KEY, next)
  t.equal(cache.fresh(KEY, 0), next, 'and the next token takes its place')
})

t.test('only the token that was refused is dropped', async (t) => {
  const { cache, clock } = cacheOf()
  cache.keep(KEY, accessToken(clock.now(), 300, 'new'))
  t.notOk(cache.holds(KEY, tokenHash('old')))
  t.notOk(cache.drop(KEY, tokenHash('old')))
  t.notOk(cache.drop(keyOf('two'), tokenHash('new')))
  t.ok(cache.holds(KEY, tokenHash('new')))
  t.ok(cache.drop(KEY, tokenHash('new')))
  t.notOk(cache.holds(KEY, tokenHash('new')))
  t.equal(cache.size, 0)
  t.notOk(cache.drop(KEY, tokenHash('new')), 'it is gone already')
})

t.test('the least recently used token makes room', async (t) => {
  const { cache, clock } = cacheOf(2)
  for (const scope of ['a', 'b']) cache.keep(keyOf('one', scope), accessToken(clock.now(), 300))
  cache.fresh(keyOf('one', 'a'), 0)
  cache.keep(keyOf('one', 'c'), accessToken(clock.now(), 300))
  t.same(
    ['a', 'b', 'c'].map((scope) => cache.fresh(keyOf('one', scope), 0) !== undefined),
    [true, false, true],
  )
  t.equal(cache.evicted, 1)
})

t.test('a grant is dropped whole, and no other', async (t) => {
  const { cache, clock } = cacheOf()
  for (const key of [keyOf('one', 'a'), keyOf('one', 'b'), keyOf('two')])
    cache.keep(key, accessToken(clock.now(), 300))
  cache.dropGrant('unknown')
  cache.dropGrant('one')
  t.equal(cache.size, 1)
  t.ok(cache.fresh(keyOf('two'), 0))
  cache.clear()
  t.equal(cache.size, 0)
  t.equal(cache.fresh(keyOf('two'), 0), undefined)
})

t.test('tokens that others replaced are remembered until the grant is taken', async (t) => {
  const { cache, clock } = cacheOf(2)
  const keep = (scope: string, value: string, seconds = 300) =>
    cache.keep(keyOf('one', scope), accessToken(clock.now(), seconds, value))
  const take = (id = 'one') => cache.takeGrant(id).map(({ value }) => value)
  keep('a', 'first')
  keep('a', 'second')
  cache.drop(keyOf('one', 'a'), tokenHash('second'))
  keep('a', 'short', 10)
  keep('a', 'third')
  keep('b', 'third')
  cache.keep(keyOf('two'), accessToken(clock.now(), 300, 'other'))
  clock.advance(10_000)
  t.same(take().toSorted(), ['first', 'second', 'third'], 'each once, and what is over is not told')
  t.same(take(), [])
  t.same(cache.size, 1, 'another grant is another matter')
  t.same(take('two'), ['other'])
  t.same(take('nobody'), [])
})

t.test('what is remembered has bounds, and goes with the grant and with everything', async (t) => {
  const { cache, clock } = cacheOf()
  const fill = (): void => {
    for (let at = 0; at <= 70; at++) cache.keep(KEY, accessToken(clock.now(), 300, `at-${at}`))
  }
  fill()
  const taken = cache.takeGrant('one').map(({ value }) => value)
  t.equal(taken.length, 65)
  t.notOk(taken.includes('at-0'), 'the oldest are forgotten')
  for (const forget of [() => cache.dropGrant('one'), () => cache.clear()]) {
    fill()
    forget()
    t.same(cache.takeGrant('one'), [])
  }
})

t.test('whatever came before, a dropped grant leaves nothing, and the others stay', async () => {
  const grantId = fc.constantFrom('one', 'two', '__proto__', '"', '\ud800')
  const scope = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant('keep' as const), grantId, scope, fc.nat(600)) },
    fc.tuple(fc.constantFrom('fresh' as const, 'drop' as const), grantId, scope, fc.nat(600)),
    fc.tuple(fc.constantFrom('advance' as const, 'jump' as const), grantId, scope, fc.nat(600)),
    fc.tuple(fc.constant('dropGrant' as const), grantId, scope, fc.nat(600)),
    fc.tuple(fc.constant('clear' as const), grantId, scope, fc.nat(600)),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), grantId, (steps, last) => {
      const { cache, clock } = cacheOf(6)
      for (const [what, grant, words, seconds] of steps) {
        const key = keyOf(grant, words)
        const value = `${grant} ${words}`
        if (what === 'keep') cache.keep(key, accessToken(clock.now(), seconds, value))
        else if (what === 'fresh') cache.fresh(key, seconds)
        else if (what === 'drop') cache.drop(key, tokenHash(value))
        else if (what === 'advance') clock.advance(seconds * 1000)
        else if (what === 'jump') clock.jump((seconds - 300) * 1000)
        else if (what === 'clear') cache.clear()
        else cache.dropGrant(grant)
      }
      const held = (grant: string): readonly string[] =>
        ['a', 'b', 'c', 'd'].filter((words) =>
          cache.holds(keyOf(grant, words), tokenHash(`${grant} ${words}`)),
        )
      const grants = ['one', 'two', '__proto__', '"', '\ud800']
      const before = grants.map((grant) => (grant === last ? [] : held(grant)))
      cache.dropGrant(last)
      if (JSON.stringify(grants.map(held)) !== JSON.stringify(before)) throw new Error('leaked')
      // dead tokens may lie about, but never without their grant knowing them
      for (const grant of grants) cache.dropGrant(grant)
      return cache.size === 0
    }),
    { numRuns: 300 },
  )
})

t.test('a token that lives for months is served for months', async (t) => {
  const { cache, clock } = cacheOf()
  for (const days of [90, 365]) {
    const token = accessToken(clock.now(), days * 86_400, `days ${days}`)
    cache.keep(KEY, token)
    clock.advance(days * 86_400_000 * 0.8)
    t.equal(cache.fresh(KEY, 0)?.value, token.value, `${days} days`)
    clock.advance(days * 86_400_000 * 0.2)
    t.equal(cache.fresh(KEY, 0), undefined)
  }
})
