import t from 'tap'
import { startWorld, tokenOf } from './world.ts'

t.test(
  'a revoke ends the grant here at once and at the issuer, and says what remains',
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    await world.login({ grant: 'other' })
    const { access_token } = tokenOf(await world.token({ grant: 'work' }))
    const revoked = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
    t.match(revoked, { status: 200, body: { grant: 'work', revocation: 'revoked_at_issuer' } })
    const until = Date.parse(String(revoked.body?.['residual_until']))
    t.ok(
      until > Date.now() && until < Date.now() + 61_000,
      'until the last token handed out is over',
    )
    t.match(await world.token({ grant: 'work' }), { status: 401, body: { code: 'login_required' } })
    t.match(await world.ask('admin', 'GET', '/v1/grants/work'), { body: { state: 'revoked' } })
    t.equal((await world.token({ grant: 'other' })).status, 200, 'another grant is another matter')
    t.ok(access_token.length > 0)
  },
)

t.test(
  'a revoke that cannot reach the issuer is queued, and the grant is dead all the same',
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    t.equal((await world.token({ grant: 'work' })).status, 200)
    world.issuer.proxy.next({ kind: 'drop_before' }, 1, '/token/revocation')
    const revoked = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
    t.match(revoked, { status: 200, body: { revocation: 'queued' } })
    t.match(await world.token({ grant: 'work' }), { body: { code: 'login_required' } })
    const again = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
    t.match(again, { body: { revocation: 'revoked_at_issuer' } }, 'asking again tries again')
  },
)

t.test(
  'a revoke during an exchange hands nothing out and revokes the newest refresh token',
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    world.issuer.proxy.next({ kind: 'delay', milliseconds: 500 })
    const asked = world.token({ grant: 'work' })
    while (world.issuer.counts('refresh_token') === 0)
      await new Promise((next) => setImmediate(next))
    const revoked = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
    t.match(revoked, { body: { revocation: 'revoked_at_issuer' } })
    t.match(await asked, { status: 401, body: { code: 'login_required' } })
  },
)

t.test('a new login replaces the old one, whose refresh token is revoked afterwards', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  t.equal((await world.token({ grant: 'work' })).status, 200)
  await world.login()
  t.equal((await world.token({ grant: 'work' })).status, 200)
  const { grants } = (await world.ask('admin', 'GET', '/v1/grants')).body as { grants: unknown[] }
  t.equal(grants.length, 1, 'one grant of that name')
  t.match(world.auditLog(), /"event":"grant.revoked"/)
})

t.test('the command says what really happened', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  await world.run(['token', 'work'])
  const { status, stdout } = await world.run(['revoke', 'work'])
  t.equal(status, 0)
  t.match(stdout, /revoked at the issuer/)
  t.match(await world.run(['token', 'work']), { status: 3, stdout: '' })
  t.match(await world.run(['revoke', 'nobody']), { status: 4 })
})
