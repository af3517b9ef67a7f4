import t from 'tap'
import { approveDevice, openAuthorization } from '../issuers/approve.ts'
import { API_A } from '../issuers/oidc-issuer.ts'
import { startCommand } from './command.ts'
import { FULL_SCOPE, startWorld, type World } from './world.ts'

function loginArgs(world: World, flow: string): readonly string[] {
  const { issuer, clientId } = world.issuer
  const where = ['login', 'work', '--issuer', issuer, '--client-id', clientId, '--flow', flow]
  return [...where, '--scope', FULL_SCOPE, '--audience', API_A, '--no-browser']
}

const USER_CODE = /^\s+([A-Z]{4}-[A-Z]{4})\s*$/m

t.test('a device login by the command ends with a grant that gives tokens', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const login = startCommand(loginArgs(world, 'device'), world)
  const userCode = await login.printed(USER_CODE)
  await approveDevice(`${world.issuer.issuer}/device`, { userCode })
  const { status, stderr } = await login.ended
  t.equal(status, 0)
  t.match(stderr, /repo:read repo:write for https:\/\/api-a\.example/, 'it says what was granted')
  t.match(stderr, /in memory and end with the daemon/, 'and where it is kept')
  t.match(await world.run(['token', 'work']), { status: 0, stdout: /^[\w-]+\.[\w-]+\.[\w-]+\n$/ })
})

t.test('a browser login by the command comes back to a port on 127.0.0.1', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const login = startCommand(loginArgs(world, 'browser'), world)
  const address = await login.printed(/(http:\/\/\S+\/auth\?\S+)/)
  const asked = new URL(address).searchParams
  t.match(asked.get('redirect_uri'), /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  t.equal(asked.get('code_challenge_method'), 'S256')
  t.ok((asked.get('state') ?? '').length >= 32)
  t.equal(asked.get('resource'), API_A)
  const page = await openAuthorization(address)
  t.equal(page.status, 200)
  t.equal((await login.ended).status, 0)
  t.match(await world.run(['token', 'work']), { status: 0 })
  await t.rejects(fetch(asked.get('redirect_uri') ?? ''), 'the port is closed afterwards')
})

t.test('Ctrl-C cancels the login it started', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const login = startCommand(loginArgs(world, 'device'), world)
  const userCode = await login.printed(USER_CODE)
  login.kill('SIGINT')
  t.equal((await login.ended).status, 130)
  t.match((await world.ask('admin', 'GET', '/v1/status')).body, { pending_logins: 0 })
  await approveDevice(`${world.issuer.issuer}/device`, { userCode })
  t.match(await world.run(['token', 'work']), { status: 4 }, 'a late yes makes no grant')
  t.match(world.auditLog(), /"event":"login.cancelled"/)
})

t.test('a second login for the same grant joins the first', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const first = startCommand(loginArgs(world, 'device'), world)
  const userCode = await first.printed(USER_CODE)
  const second = startCommand(loginArgs(world, 'device'), world)
  t.equal(await second.printed(USER_CODE), userCode)
  const detached = startCommand(loginArgs(world, 'device'), world)
  await detached.printed(USER_CODE)
  detached.kill('SIGINT')
  t.equal((await detached.ended).status, 130)
  t.match(
    (await world.ask('admin', 'GET', '/v1/status')).body,
    { pending_logins: 1 },
    'who joined only leaves',
  )
  await approveDevice(`${world.issuer.issuer}/device`, { userCode })
  t.same([(await first.ended).status, (await second.ended).status], [0, 0])
  t.match((await second.ended).stderr, /already pending/)
  const other = { grant: 'work', issuer: world.issuer.issuer, client_id: 'another', flow: 'device' }
  const third = startCommand(loginArgs(world, 'device'), world)
  await third.printed(USER_CODE)
  t.match(await world.ask('admin', 'POST', '/v1/logins', { body: other }), {
    status: 400,
    body: { code: 'invalid_request' },
  })
  third.kill('SIGINT')
  await third.ended
})

t.test('a login that is denied makes no grant', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const login = startCommand(loginArgs(world, 'device'), world)
  const userCode = await login.printed(USER_CODE)
  await approveDevice(`${world.issuer.issuer}/device`, { userCode, denies: true })
  const { status, stderr } = await login.ended
  t.equal(status, 4)
  t.match(stderr, /denied/)
  t.match((await world.ask('admin', 'GET', '/v1/grants')).body, { grants: [] })
})

t.test('a confidential client logs in with a secret from standard input', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { clientId, clientSecret } = world.issuer.confidential
  const args = loginArgs(world, 'device').map((arg) =>
    arg === world.issuer.clientId ? clientId : arg,
  )
  const login = startCommand([...args, '--client-secret-stdin'], world, `${clientSecret}\n`)
  const userCode = await login.printed(USER_CODE)
  await approveDevice(`${world.issuer.issuer}/device`, { userCode })
  t.equal((await login.ended).status, 0)
  t.match(await world.run(['token', 'work']), { status: 0 })
  t.notOk((world.output() + world.auditLog()).includes(clientSecret))
})

t.test('an issuer without TLS is refused unless the daemon was told otherwise', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const body = { grant: 'x', issuer: 'http://issuer.example', client_id: 'a', flow: 'device' }
  const answer = await world.ask('admin', 'POST', '/v1/logins', { body })
  t.match(answer, { status: 400, body: { code: 'invalid_request', detail: /https/ } })
  t.match(await world.ask('admin', 'GET', '/v1/status'), { body: { pending_logins: 0 } })
})
