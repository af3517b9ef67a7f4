import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { askSocket } from '../fakes/ask-socket.ts'
import { API_A, API_B } from '../issuers/oidc-issuer.ts'
import { add, denied, isGone, token, worldWithGrant } from './capability.ts'

t.test('a capability gives its own grant, scope, audience and life, and no more', async (t) => {
  const world = await worldWithGrant(t)
  await world.login({ grant: 'other' })
  const { path } = await add(world, { max_ttl: 60 })
  t.match(await token(path), {
    status: 200,
    json: { grant: 'work', scope: 'repo:read', audience: API_A },
  })
  const { json } = await token(path, { grant: 'work', scope: 'repo:read', audience: API_A })
  t.ok(Number(json['expires_in']) <= 60, 'no longer than the capability says')
  t.match(await token(path, { scope: 'repo:write' }), denied, 'another scope')
  t.match(await token(path, { scope: 'repo:read repo:write' }), denied, 'a wider one')
  t.match(await token(path, { audience: API_B }), denied, 'another audience')
  t.match(await token(path, { grant: 'other' }), denied, 'another grant')
  t.match(await token(path, { grant: 'nobody' }), denied, 'and not even whether there is one')
  t.match(await token(path, { issuer: 'https://elsewhere.example' }), { status: 404 })
})

t.test('tokens and health are all that its socket knows', async (t) => {
  const world = await worldWithGrant(t)
  const { path } = await add(world)
  t.match(await askSocket(path, 'GET', '/v1/health'), { status: 200, json: { status: 'ok' } })
  for (const [method, route] of [
    ['GET', '/v1/grants'],
    ['GET', '/v1/status'],
    ['GET', '/v1/capabilities'],
    ['POST', '/v1/capabilities'],
    ['POST', '/v1/grants/work/revoke'],
    ['DELETE', '/v1/capabilities/ci'],
  ] as const)
    t.match(await askSocket(path, method, route), {
      status: 400,
      json: { detail: /no such route on the "capability" listener/ },
    })
})

t.test('its removal ends it at once, and every connection to it', async (t) => {
  const world = await worldWithGrant(t)
  const { path } = await add(world)
  t.match(await token(path), { status: 200 })
  const idle = connect(path)
  await once(idle, 'connect')
  const closed = once(idle, 'close')
  t.match(await world.ask('admin', 'DELETE', '/v1/capabilities/ci'), {
    status: 200,
    body: { name: 'ci', used: 1 },
  })
  await closed
  t.ok(await isGone(path))
  t.notOk(existsSync(path), 'its socket is gone')
  t.match(await world.ask('admin', 'DELETE', '/v1/capabilities/ci'), { status: 400 })
  await world.restart()
  t.ok(await isGone(path), 'and it does not come back')
})

t.test('what it gives and refuses is on record under its name', async (t) => {
  const world = await worldWithGrant(t)
  const { path } = await add(world)
  await token(path)
  await token(path, { scope: 'repo:write' })
  const lines = world
    .auditLog()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  const of = (event: string) => lines.filter((line) => 'event' in line && line.event === event)
  t.match(of('capability.added'), [{ capability: 'ci', grant: 'work', scope: 'repo:read' }])
  t.match(of('token.issued').at(-1), { capability: 'ci', grant: 'work', scope: 'repo:read' })
  t.match(of('token.denied').at(-1), { capability: 'ci', reason: 'access_denied' })
})

t.test('nothing beyond the grant can be put into one', async (t) => {
  const world = await worldWithGrant(t)
  await t.rejects(add(world, { scope: 'repo:admin' }), /invalid_scope/)
  await t.rejects(add(world, { audience: 'https://elsewhere.example' }), /invalid_target/)
  await t.rejects(add(world, { grant: 'nobody' }), /unknown_grant/)
  await t.rejects(add(world, { max_ttl: 3_601 }), /invalid_request/)
  await t.rejects(add(world, { expires_in: 2_592_001 }), /invalid_request/)
  await add(world)
  await t.rejects(add(world, { scope: 'repo:write' }), /already/)
})

t.test('a path is taken only where nobody else can put anything', async (t) => {
  const world = await worldWithGrant(t)
  const shared = join(world.directory, 'shared')
  const own = join(world.directory, 'own')
  mkdirSync(shared)
  chmodSync(shared, 0o777)
  mkdirSync(own, { mode: 0o700 })
  symlinkSync(own, join(world.directory, 'link'))
  for (const [path, reason] of [
    [join(shared, 's'), /can be written to by others/],
    [join(world.directory, 'link', 's'), /is a symbolic link/],
    [join(world.directory, 'nowhere', 's'), /is not there/],
    [join(own, 's'.repeat(150)), /longer than/],
    ['relative/s', /invalid_request/],
  ] as const)
    await t.rejects(add(world, { path }), reason, path)
  const path = join(own, 's')
  await add(world, { path })
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.match(await token(path), { status: 200 })
  t.same(readdirSync(join(world.stateDirectory, 'capabilities')), ['ci.json'])
})
