import t from 'tap'
import { tokenHash } from '../../daemon/base/token-hash.ts'
import { startWorld, tokenOf } from './world.ts'

t.test('where a refresh ends earlier tokens, what callers hold works', async (t) => {
  const world = await startWorld({
    issuer: { refreshEndsAccessTokens: true, accessTokenSeconds: 120 },
  })
  t.teardown(() => world.close())
  await world.login({
    audience: [],
    scope: 'openid offline_access email',
    scope_narrowing: 'none',
    refresh_invalidates_access_tokens: true,
  })
  const isActive = (token: string) => world.issuer.controls.isActive(token)
  const ask = async (more = {}) => tokenOf(await world.token({ grant: 'work', ...more }))

  const first = await Promise.all(Array.from({ length: 16 }, (_, i) => ask({ min_ttl: i * 1_000 })))
  t.equal(new Set(first.map((token) => token.access_token)).size, 1, 'all share one')
  const [{ access_token, generation } = { access_token: '', generation: 0 }] = first
  t.ok(await isActive(access_token))
  t.equal(world.issuer.counts('refresh_token'), 1, 'whatever life they name')

  const rejected = tokenHash(access_token)
  const second = await Promise.all(
    Array.from({ length: 16 }, (_, i) => ask(i === 0 ? { rejected } : {})),
  )
  const { access_token: later } = await ask()
  t.notOk(await isActive(access_token), 'the issuer has ended it')
  t.ok(await isActive(later))
  const newer = second.filter((token) => token.generation > generation)
  t.ok(newer.length > 0, 'the generation tells callers')
  t.same(new Set(newer.map((token) => token.access_token)), new Set([later]))
  for (const token of second)
    t.equal(token.access_token === later, token.generation > generation, 'no third one')
  t.equal(world.issuer.counts('refresh_token'), 2)
  const narrow = { status: 400, body: { code: 'invalid_scope' } }
  t.match(await world.token({ grant: 'work', scope: 'offline_access' }), narrow)
})

t.test('such a login takes one audience, and no narrowing', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  for (const more of [
    { audience: ['https://api-a.example', 'https://api-b.example'], scope_narrowing: 'none' },
    { scope_narrowing: 'honored' },
  ] as const)
    await t.rejects(
      world.login({ ...more, refresh_invalidates_access_tokens: true }),
      /invalid_request/,
    )
})
