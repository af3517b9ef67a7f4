import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import t from 'tap'
import { API_A, API_B } from '../issuers/oidc-issuer.ts'
import { startWorld, tokenOf } from './world.ts'

const hash = (token: string): string => createHash('sha256').update(token).digest('base64url')

t.test('a token can do what was asked for, and nothing else', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login({
    scope: 'openid offline_access repo:read repo:write issues:read',
    audience: [API_A, API_B],
  })

  await t.test('one scope of several', async (t) => {
    const token = tokenOf(await world.token({ grant: 'work', scope: 'repo:read' }))
    t.equal(token.scope, 'repo:read')
    t.match(decodeJwt(token.access_token), { scope: 'repo:read', aud: API_A })
  })
  await t.test('one audience of several, and only its scopes', async (t) => {
    const token = tokenOf(await world.token({ grant: 'work', audience: API_B }))
    t.match(token, { audience: API_B, scope: 'issues:read' })
    t.match(decodeJwt(token.access_token), { scope: 'issues:read', aud: API_B })
  })
  await t.test('the first audience when none is named', async (t) => {
    t.match(tokenOf(await world.token({ grant: 'work' })), {
      audience: API_A,
      scope: 'repo:read repo:write',
    })
  })
  await t.test('what was never granted is refused before the issuer is asked', async (t) => {
    const before = world.issuer.counts('refresh_token')
    for (const [request, code] of [
      [{ grant: 'work', scope: 'repo:delete' }, 'invalid_scope'],
      [{ grant: 'work', scope: 'issues:read' }, 'invalid_scope'],
      [{ grant: 'work', scope: 'issues:write', audience: API_B }, 'invalid_scope'],
      [{ grant: 'work', audience: 'https://elsewhere.example' }, 'invalid_target'],
      [{ grant: 'nobody' }, 'unknown_grant'],
    ] as const)
      t.match(await world.token(request), { body: { code } }, JSON.stringify(request))
    t.equal(world.issuer.counts('refresh_token'), before)
  })
  await t.test('found by its issuer', async (t) => {
    t.match(tokenOf(await world.token({ issuer: world.issuer.issuer })), { grant: 'work' })
    t.match(await world.token({ issuer: 'https://elsewhere.example' }), {
      body: { code: 'unknown_grant' },
    })
  })
  await t.test('as plain text for a shell', async (t) => {
    const headers = { accept: 'text/plain' }
    const answer = await world.ask('broker', 'POST', '/v1/token', {
      body: { grant: 'work' },
      headers,
    })
    t.match(answer.headers['content-type'], /^text\/plain/)
    t.match(answer.text, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    t.match(answer.headers['cache-control'], 'no-store')
  })
})

t.test('a scope is not narrowed where the issuer is not known to narrow', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login({ scope_narrowing: 'none' })
  const before = world.issuer.counts('refresh_token')
  t.match(await world.token({ grant: 'work', scope: 'repo:read' }), {
    body: { code: 'invalid_scope' },
  })
  t.equal(world.issuer.counts('refresh_token'), before, 'and the issuer is not asked')
  t.match(tokenOf(await world.token({ grant: 'work', scope: 'repo:write repo:read' })), {
    scope: 'repo:read repo:write',
  })
})

t.test('a token that says more than was asked for is not handed out', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const rewrite = (change: object) => ({
    kind: 'rewrite' as const,
    rewrite: <A extends { readonly body: string }>(answer: A): A => ({
      ...answer,
      body: JSON.stringify({ ...JSON.parse(answer.body), ...change }),
    }),
  })
  world.issuer.proxy.next(rewrite({ scope: 'repo:read repo:write' }))
  const broader = await world.token({ grant: 'work', scope: 'repo:read' })
  t.match(broader, { status: 400, body: { code: 'invalid_scope' } })
  const other = tokenOf(await world.token({ grant: 'work', scope: 'repo:write' })).access_token
  world.issuer.proxy.next(rewrite({ access_token: other, scope: undefined }))
  const liar = await world.token({ grant: 'work', scope: 'repo:read' })
  t.match(liar, { body: { code: 'invalid_scope' } }, 'not even when only the token itself says so')
  for (const claims of [
    { scope: 'repo:read admin "' },
    { scope: ['repo:read', {}, 'admin'] },
    { scope: 'repo:read', scp: 'repo:write' },
    { aud: [API_A, 5] },
    { aud: [API_A, 'https://evil.example/é'] },
  ]) {
    const access_token = [{ alg: 'none' }, { aud: API_A, ...claims }, {}]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    // a second rotation in a row that brings nothing of use would be followed by a pause
    await world.login()
    world.issuer.proxy.next(rewrite({ access_token, scope: undefined }))
    const unclear = await world.token({ grant: 'work', scope: 'repo:read' })
    const code = /^(invalid_scope|issuer_unreachable)$/
    t.match(
      unclear,
      { body: { code, detail: /^answer is unusable$|not granted|scope/ } },
      `nor one that is unclear: ${JSON.stringify(claims)}`,
    )
    t.notOk(unclear.text.includes(access_token))
  }
  t.match(
    await world.token({ grant: 'work', scope: 'repo:read' }),
    { status: 200 },
    'the grant lives on',
  )
})

t.test(
  'a token that was refused is replaced once, and not as often as a server likes',
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    const first = tokenOf(await world.token({ grant: 'work' }))
    const rejected = hash(first.access_token)
    const second = tokenOf(await world.token({ grant: 'work', rejected }))
    t.not(second.access_token, first.access_token)
    t.ok(second.generation > first.generation)
    const late = tokenOf(await world.token({ grant: 'work', rejected }))
    t.equal(late.access_token, second.access_token, 'a late report gets the new one')
    const again = await world.token({ grant: 'work', rejected: hash(second.access_token) })
    t.match(again, { status: 429, body: { code: 'rate_limited' } })
    t.ok(Number(again.body?.['retry_after']) > 0)
  },
)

t.test('more life than a token ever has does not make every request an exchange', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const before = world.issuer.counts('refresh_token')
  for (let i = 0; i < 5; i++)
    t.equal((await world.token({ grant: 'work', min_ttl: 86_400 })).status, 200)
  t.equal(world.issuer.counts('refresh_token') - before, 1)
})
