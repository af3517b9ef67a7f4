import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { approveDevice } from '../issuers/approve.ts'
import { startCannedServer } from '../issuers/canned-server.ts'
import { API_A } from '../issuers/oidc-issuer.ts'
import { startCommand } from './command.ts'
import { FULL_SCOPE, startWorld, tokenOf, type World } from './world.ts'

const USER_CODE = /^\s+([A-Z]{4}-[A-Z]{4})\s*$/m

/** A login by the command that names no client. */
async function logIn(world: World, more: readonly string[] = [], input?: string): Promise<number> {
  const args = ['login', 'work', '--issuer', world.issuer.issuer, '--flow', 'device', ...more]
  const login = startCommand(
    [...args, '--scope', FULL_SCOPE, '--audience', API_A, '--no-browser'],
    world,
    input,
  )
  const userCode = await login.printed(USER_CODE)
  await approveDevice(`${world.issuer.issuer}/device`, { userCode })
  return (await login.ended).status ?? -1
}

t.test('a client is registered, used again, and deleted with the grant', async (t) => {
  const token = 'initial-access-token-canary'
  const world = await startWorld({ issuer: { initialAccessToken: token } })
  t.teardown(() => world.close())
  const { controls } = world.issuer
  t.equal(await logIn(world, ['--registration-token-stdin'], token), 0)
  const [clientId, ...others] = controls.registeredClients()
  t.same(others, [])
  tokenOf(await world.token({ grant: 'work' }))
  t.equal(await logIn(world), 0, 'no initial access token is needed the second time')
  t.same(controls.registeredClients(), [clientId])
  const replaced = async (): Promise<number> => {
    const { body } = await world.ask('admin', 'GET', '/v1/grants')
    return (body as { replaced: readonly unknown[] }).replaced.length
  }
  while ((await replaced()) > 0) await pause(5)
  t.same(controls.registeredClients(), [clientId], 'the login it replaces left it')
  tokenOf(await world.token({ grant: 'work' }))
  const { stdout } = await world.run(['revoke', 'work'])
  t.match(stdout, /revoked at the issuer, which confirms/)
  t.match(stdout, /the client registered for it is deleted/)
  t.same(controls.registeredClients(), [])
  t.notMatch(world.output() + world.auditLog(), /canary/)
  t.match(world.auditLog(), /"event":"client.registered"/)
})

t.test('a login that nobody finishes leaves no client behind', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { issuer, controls } = world.issuer
  const started = await world.ask('admin', 'POST', '/v1/logins', {
    body: { grant: 'work', issuer, flow: 'device', scope: 'openid offline_access' },
  })
  t.equal(started.status, 200, started.text)
  t.equal(controls.registeredClients().length, 1)
  await world.ask('admin', 'DELETE', `/v1/logins/${String(started.body?.['id'])}`)
  t.same(controls.registeredClients(), [])
})

t.test('a deletion that does not get through is queued, and told', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const { controls, proxy } = world.issuer
  t.equal(await logIn(world), 0)
  const [clientId = ''] = controls.registeredClients()
  proxy.next({ kind: 'drop_before' }, 1, `/reg/${clientId}`)
  const queued = await world.ask('admin', 'POST', '/v1/grants/work/revoke')
  t.match(queued.body, {
    revocation: 'queued',
    revocation_problem: /the registered client is not deleted yet: connection lost/,
  })
  t.same(controls.registeredClients(), [clientId])
  t.match((await world.ask('admin', 'POST', '/v1/grants/work/revoke')).body, {
    revocation: 'revoked_at_issuer',
    registered_client: 'deleted',
  })
  t.same(controls.registeredClients(), [])
})

t.test('a redirect of the registration leads nobody anywhere', async (t) => {
  const catcher = await startCannedServer(() => ({ status: 201, body: '{"client_id":"x"}' }))
  t.teardown(() => catcher.close())
  const world = await startWorld()
  t.teardown(() => world.close())
  const { issuer, controls, proxy } = world.issuer
  const away = () => ({ status: 307, headers: { location: `${catcher.origin}/reg` }, body: '' })
  proxy.next({ kind: 'answer', answer: away }, 1, '/reg')
  const request = {
    grant: 'work',
    issuer,
    flow: 'device',
    scope: 'openid offline_access',
    registration_token: 'registration-token-canary',
  }
  const refused = await world.ask('admin', 'POST', '/v1/logins', { body: request })
  t.match(refused.body, { code: 'issuer_unreachable', detail: 'redirect refused' })
  t.equal(await logIn(world), 0)
  const [clientId = ''] = controls.registeredClients()
  proxy.next({ kind: 'answer', answer: away }, 1, `/reg/${clientId}`)
  t.match((await world.ask('admin', 'POST', '/v1/grants/work/revoke')).body, {
    revocation: 'queued',
    revocation_problem: /redirect refused/,
  })
  t.same(catcher.requests, [], 'nobody followed')
  t.notMatch(world.output() + world.auditLog() + refused.text, /canary/)
})
