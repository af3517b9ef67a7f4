import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { FAULTS, type Fault, redirectTo } from '../issuers/faults.ts'
import { startWorld, tokenOf, type World } from './world.ts'

function answer(status: number, headers: Record<string, string>, body: string): Fault {
  return { kind: 'answer', answer: () => ({ status, headers, body }) }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const error = (status: number, word: string, headers = {}): Fault =>
  answer(status, { ...JSON_TYPE, ...headers }, JSON.stringify({ error: word }))
const inAMinute = new Date(Date.now() + 60_000).toUTCString()

/** What one exchange comes to: the answer to the caller, and the grant afterwards. */
const TABLE: Readonly<Record<string, readonly [Fault, code: string, state: string]>> = {
  'captive-portal': [FAULTS.html, 'issuer_unreachable', 'active'],
  'html-400': [answer(400, { 'content-type': 'text/html' }, '<p>'), 'issuer_unreachable', 'active'],
  'empty-400': [FAULTS.empty400, 'issuer_unreachable', 'active'],
  'error-in-200': [FAULTS.error200, 'login_required', 'login_required'],
  'grant-400': [error(400, 'invalid_grant'), 'login_required', 'login_required'],
  'grant-401': [error(401, 'invalid_grant'), 'login_required', 'login_required'],
  'grant-403': [error(403, 'invalid_grant'), 'login_required', 'login_required'],
  'wait-seconds': [FAULTS.unavailable, 'issuer_unreachable', 'active'],
  'wait-date': [error(429, 'slow', { 'retry-after': inAMinute }), 'issuer_unreachable', 'active'],
  'server-error': [FAULTS.serverError, 'issuer_unreachable', 'active'],
  lost: [FAULTS.dropAfter, 'refresh_in_doubt', 'in_doubt'],
  'lost-before': [FAULTS.dropBefore, 'refresh_in_doubt', 'in_doubt'],
  client: [error(401, 'invalid_client'), 'issuer_rejected', 'active'],
}

/** Refresh requests that left the daemon, whatever became of them. */
function posts(world: World): number {
  return world.issuer.proxy.asked('/token').filter((form) => form.has('refresh_token')).length
}

t.test('whatever goes wrong, one request is sent, and the pause holds', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  for (const [grant, [fault, code, state]] of Object.entries(TABLE)) {
    await world.login({ grant })
    const before = posts(world)
    world.issuer.proxy.next(fault)
    for (let i = 0; i < 4; i++) t.match(await world.token({ grant }), { body: { code } }, grant)
    t.equal(posts(world), before + 1, `${grant}: one request`)
    t.match(await world.ask('admin', 'GET', `/v1/grants/${grant}`), { body: { state } }, grant)
  }
})

t.test('a redirect is not followed, wherever it leads', async (t) => {
  let caught = 0
  const catcher = createServer((_request, response) => {
    caught += 1
    response.end()
  })
  catcher.listen(0, '127.0.0.1')
  await once(catcher, 'listening')
  const { port } = catcher.address() as AddressInfo
  const world = await startWorld()
  t.teardown(async () => {
    catcher.close()
    await world.close()
  })
  await world.login()
  world.issuer.proxy.next(redirectTo(`http://127.0.0.1:${port}/token`))
  t.match(await world.token({ grant: 'work' }), { body: { code: 'issuer_unreachable' } })
  t.equal(posts(world), 1)
  t.equal(caught, 0)
})

t.test('a client its issuer refuses stops all its grants, until a login of it', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login({ grant: 'one' })
  await world.login({ grant: 'two' })
  world.issuer.proxy.next(error(400, 'unauthorized_client'))
  const refused = { status: 502, body: { code: 'issuer_rejected' } }
  t.match(await world.token({ grant: 'one' }), refused)
  t.match(await world.token({ grant: 'two' }), refused)
  t.equal(posts(world), 1)
  await world.login({ grant: 'three' })
  for (const grant of ['one', 'two', 'three']) t.ok(tokenOf(await world.token({ grant })))
})

t.test('a life nobody stated is the token’s own, or a short one', async (t) => {
  const world = await startWorld({ issuer: { accessTokenSeconds: 900 } })
  t.teardown(() => world.close())
  await world.login({ grant: 'jwt' })
  await world.login({ grant: 'opaque', audience: [], scope: 'openid offline_access email' })
  for (const [grant, least, most] of [
    ['jwt', 890, 900],
    ['opaque', 50, 60],
  ] as const) {
    world.issuer.proxy.next({
      kind: 'rewrite',
      rewrite: (said) => ({ ...said, body: said.body.replace('"expires_in"', '"unstated"') }),
    })
    const { expires_in } = tokenOf(await world.token({ grant }))
    t.ok(expires_in >= least && expires_in <= most, `${grant}: ${expires_in}`)
  }
})

t.test('an answer without a refresh token leaves the one there is', async (t) => {
  const world = await startWorld({ issuer: { rotates: false } })
  t.teardown(() => world.close())
  await world.login({ audience: [], scope: 'openid offline_access email' })
  for (let i = 0; i < 2; i++) {
    world.issuer.proxy.next({
      kind: 'rewrite',
      rewrite: (said) => {
        const { refresh_token: _, ...rest } = JSON.parse(said.body) as Record<string, unknown>
        return { ...said, body: JSON.stringify({ ...rest, expires_in: 1 }) }
      },
    })
    t.equal(tokenOf(await world.token({ grant: 'work' })).generation, 1)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  t.equal(posts(world), 2)
})
