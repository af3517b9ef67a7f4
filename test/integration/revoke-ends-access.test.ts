import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startCannedServer } from '../issuers/canned-server.ts'
import { startWorld, tokenOf, type World } from './world.ts'

/** Every refresh token the issuer gives from now on, in order; faults set later come after these. */
function watchRefreshTokens({ issuer }: World): readonly string[] {
  const seen: string[] = []
  const rewrite = <A extends { readonly body: string }>(answer: A): A => {
    const { refresh_token } = JSON.parse(answer.body) as { readonly refresh_token?: string }
    if (refresh_token !== undefined) seen.push(refresh_token)
    return answer
  }
  issuer.proxy.next({ kind: 'rewrite', rewrite }, 1_000)
  return seen
}

t.test(
  'a revoke ends the grant here at once and at the issuer, and says what remains',
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    const { controls } = world.issuer
    const seen = watchRefreshTokens(world)
    await world.login({ grant: 'other' })
    const other = seen.at(-1) ?? ''
    await world.login()
    tokenOf(await world.token({ grant: 'work' }))
    const newest = seen.at(-1) ?? ''
    t.equal(await controls.isActive(newest), true)
    const revoked = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
    t.match(revoked, {
      status: 200,
      body: {
        grant: 'work',
        revocation: 'revoked_at_issuer',
        verified: true,
        access_tokens: { revoked: 0, unsupported: 1, failed: 0 },
      },
    })
    t.equal(await controls.isActive(newest), false, 'it is over at the issuer too')
    const until = Date.parse(String(revoked.body?.['residual_until']))
    t.ok(
      until > Date.now() && until < Date.now() + 61_000,
      'until the last token handed out is over',
    )
    t.match(await world.token({ grant: 'work' }), { status: 401, body: { code: 'login_required' } })
    t.match(await world.ask('admin', 'GET', '/v1/grants/work'), { body: { state: 'revoked' } })
    t.equal(await controls.isActive(other), true, 'another grant is another matter')
    t.equal((await world.token({ grant: 'other' })).status, 200)
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
    const { proxy, controls } = world.issuer
    const told: string[] = []
    const notNow = (form: URLSearchParams) => {
      told.push(form.get('token') ?? '')
      return { status: 500, headers: {}, body: '' }
    }
    proxy.next({ kind: 'hold' })
    proxy.next({ kind: 'answer', answer: notNow }, 1, '/token/revocation')
    let isAnswered = false
    const asked = world.token({ grant: 'work' }).finally(() => {
      isAnswered = true
    })
    await proxy.held()
    const revoking = world.ask('admin', 'POST', '/v1/grants/work/revoke')
    const detail = () => world.ask('admin', 'GET', '/v1/grants/work')
    while ((await detail()).body?.['state'] !== 'revoked') await pause(5)
    t.equal(isAnswered, false, 'it is dead here while the exchange is under way')
    t.same(told, [], 'and the issuer hears of it when its successor is known')
    proxy.release()
    t.match(await asked, { status: 401, body: { code: 'login_required' } })
    t.match(await revoking, { body: { revocation: 'queued' } })
    const [newest = ''] = told
    t.equal(await controls.isActive(newest), true, 'a spent token would not be active')
    const again = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
    t.match(again, { body: { revocation: 'revoked_at_issuer' } })
    t.equal(await controls.isActive(newest), false)
  },
)

t.test('opaque access tokens that were handed out end with the grant', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { controls } = world.issuer
  await world.login({ scope: 'openid offline_access email', audience: [] })
  const first = tokenOf(await world.token({ grant: 'work' })).access_token
  const rejected = createHash('sha256').update(first).digest('base64url')
  const second = tokenOf(await world.token({ grant: 'work', rejected })).access_token
  t.not(second, first)
  t.same(await Promise.all([first, second].map((token) => controls.isActive(token))), [true, true])
  t.match(await world.ask('admin', 'POST', '/v1/grants/work/revoke'), {
    body: { verified: true, access_tokens: { revoked: 2, unsupported: 0, failed: 0 } },
  })
  t.same(await Promise.all([first, second].map((token) => controls.isActive(token))), [
    false,
    false,
  ])
  const asked = world.issuer.proxy.asked('/token/revocation')
  t.same(
    asked.map((form) => form.get('token_type_hint')),
    ['refresh_token', 'access_token', 'access_token'],
  )
})

t.test('an issuer that says yes and does nothing is not believed', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const { proxy, controls } = world.issuer
  const seen: string[] = []
  const sayYes = (form: URLSearchParams) => {
    seen.push(form.get('token') ?? '')
    return { status: 200, headers: {}, body: '' }
  }
  proxy.next({ kind: 'answer', answer: sayYes }, 1, '/token/revocation')
  t.match(await world.ask('admin', 'POST', '/v1/grants/work/revoke'), {
    body: {
      revocation: 'queued',
      verified: false,
      revocation_problem: /calls the refresh token active still/,
      next_attempt_at: /^2/,
    },
  })
  t.equal(await controls.isActive(seen[0] ?? ''), true)
  t.match(
    (await world.run(['list'])).stdout,
    /\nwork: ended here; queued: the issuer accepted it, and calls .* active still; next attempt in /,
  )
  t.match(await world.ask('admin', 'POST', '/v1/grants/work/revoke'), {
    body: { revocation: 'revoked_at_issuer', verified: true },
  })
  t.equal(await controls.isActive(seen[0] ?? ''), false)
})

t.test('an issuer that refuses its public client the revocation is seen to', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const refuse = () => ({ status: 401, headers: {}, body: '' })
  world.issuer.proxy.next({ kind: 'answer', answer: refuse }, 1, '/token/revocation')
  const revoked = await world.run(['revoke', 'work'])
  t.match(revoked.stdout, /ended here; queued: the issuer refused: status 401; next attempt in /)
  t.match((await world.run(['show', 'work'])).stdout, /the issuer refused: status 401/)
  t.match(world.auditLog(), /"grant.revocation_failed".*"the issuer refused: status 401"/)
})

t.test('an issuer that refuses to be asked leaves it unconfirmed', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const refuse = () => ({ status: 403, headers: {}, body: '' })
  world.issuer.proxy.next({ kind: 'answer', answer: refuse }, 1, '/token/introspection')
  t.match(await world.ask('admin', 'POST', '/v1/grants/work/revoke'), {
    body: {
      revocation: 'revoked_at_issuer',
      verified: false,
      revocation_problem: 'not confirmed: status 403',
    },
  })
})

t.test('a redirect leads no token to anybody, and nothing of it is told', async (t) => {
  const catcher = await startCannedServer(() => ({ status: 200, body: '{"active":false}' }))
  t.teardown(() => catcher.close())
  const location = `${catcher.origin}/catch`
  for (const path of ['/token/revocation', '/token/introspection']) {
    const world = await startWorld()
    t.teardown(() => world.close())
    const tokens = watchRefreshTokens(world)
    await world.login({ scope: 'openid offline_access email', audience: [] })
    const token = tokenOf(await world.token({ grant: 'work' })).access_token
    const lead = (form: URLSearchParams) => ({
      status: 307,
      headers: { location: `${location}?${form.toString()}` },
      body: JSON.stringify({ error: form.get('token'), error_description: form.get('token') }),
    })
    world.issuer.proxy.next({ kind: 'answer', answer: lead }, 9, path)
    const revoked = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
    t.match(revoked, {
      status: 200,
      body: { verified: false, revocation_problem: /redirect refused/ },
    })
    const list = await world.run(['list', '--json'])
    const told = revoked.text + list.stdout + world.output() + world.auditLog()
    for (const secret of [...tokens, token]) t.notOk(told.includes(secret), 'it is told nowhere')
  }
  t.same(catcher.requests, [], 'nobody followed')
})

t.test('a new login replaces the old one, whose refresh token is revoked afterwards', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { controls } = world.issuer
  const seen = watchRefreshTokens(world)
  await world.login()
  tokenOf(await world.token({ grant: 'work' }))
  const old = seen.at(-1) ?? ''
  t.equal(await controls.isActive(old), true)
  await world.login()
  const fresh = seen.at(-1) ?? ''
  while (await controls.isActive(old)) await pause(5)
  t.equal(await controls.isActive(fresh), true, 'the new one lives')
  tokenOf(await world.token({ grant: 'work' }))
  const { grants } = (await world.ask('admin', 'GET', '/v1/grants')).body as { grants: unknown[] }
  t.equal(grants.length, 1, 'one grant of that name')
  const lines = world.auditLog()
  t.ok(lines.lastIndexOf('"login.completed"') < lines.indexOf('"grant.revoked"'), 'and not before')
})

t.test('a revoke after a lost answer does not claim that everything is over', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  world.issuer.proxy.next({ kind: 'drop_after' })
  t.match(await world.token({ grant: 'work' }), { body: { code: 'refresh_in_doubt' } })
  const revoked = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
  t.match(revoked, { status: 200, body: { revocation: 'uncertain' } })
  const until = Date.parse(String(revoked.body?.['residual_until']))
  t.ok(until > Date.now() + 3_500_000, 'a token nobody has seen may live for an hour')
  t.match((await world.run(['show', 'work'])).stdout, /an answer was lost before/)
})

t.test('the command says what really happened', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  await world.run(['token', 'work'])
  const { status, stdout } = await world.run(['revoke', 'work'])
  t.equal(status, 0)
  t.match(stdout, /revoked at the issuer, which confirms that it is over/)
  t.match(stdout, /access tokens: 1 of a type that the issuer does not revoke\n/)
  t.match(await world.run(['token', 'work']), { status: 3, stdout: '' })
  t.match(await world.run(['revoke', 'nobody']), { status: 4 })
})
