import { setTimeout as pause } from 'node:timers/promises'
import type { LoginView } from '@grantd/client/protocol'
import t from 'tap'
import { approveDevice } from '../issuers/approve.ts'
import { PASSPHRASE, startPassphraseWorld, vaultOf, withPassphrase } from './vault-commands.ts'
import { FULL_SCOPE, tokenOf } from './world.ts'

const LOCKED = { status: 423, body: { code: 'vault_locked', hint: 'grantd unlock' } }

t.test('a lock outlives restarts and kills', async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  await world.login()
  const { generation } = tokenOf(await world.token({ grant: 'work' }))
  await world.run(['lock'])
  for (const end of [() => Promise.resolve(), () => world.kill()]) {
    await end()
    await world.restart()
    t.match(await world.token({ grant: 'work' }), LOCKED)
    t.match(await vaultOf(world), { locked_by: 'person', records: 1 })
  }
  t.equal((await withPassphrase(world, PASSPHRASE, 'unlock')).status, 0)
  t.equal(tokenOf(await world.token({ grant: 'work' })).generation, generation + 1)
})

t.test('a login that is answered while the vault locks leaves no token behind', async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  const { proxy, controls, issuer, clientId } = world.issuer
  proxy.next({ kind: 'hold' })
  const body = { grant: 'work', issuer, client_id: clientId, scope: FULL_SCOPE, flow: 'device' }
  const started = await world.ask('admin', 'POST', '/v1/logins', { body })
  const { id, verification_uri_complete = '' } = started.body as unknown as LoginView
  await proxy.held()
  await approveDevice(verification_uri_complete)
  // the poll before the approval ends, and the answer to the next one stays on its way
  proxy.next({ kind: 'hold' })
  proxy.release()
  await proxy.held()
  t.equal(controls.liveRefreshTokens('alice'), 1, 'the issuer has given one')
  const locking = world.run(['lock'])
  while ((await vaultOf(world)).state !== 'locked') await pause(5)
  proxy.release()
  t.equal((await locking).status, 0)
  t.equal(controls.liveRefreshTokens('alice'), 0, 'it was given back before the lock was answered')
  t.match((await world.ask('admin', 'GET', `/v1/logins/${id}`)).body, {
    state: 'failed',
    problem: { code: 'vault_locked' },
  })
  t.equal((await withPassphrase(world, PASSPHRASE, 'unlock')).status, 0)
  t.match(await world.token({ grant: 'work' }), { body: { code: 'unknown_grant' } })
})

t.test('a login that waits for its person is cancelled by a lock', async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  const { issuer, clientId } = world.issuer
  const flow = ['--flow', 'device', '--json']
  const login = world.run(['login', 'work', '--issuer', issuer, '--client-id', clientId, ...flow])
  const status = async () => (await world.ask('admin', 'GET', '/v1/status')).body
  while ((await status())?.['pending_logins'] !== 1) await pause(5)
  t.equal((await world.run(['lock'])).status, 0)
  t.match(await status(), { pending_logins: 0 })
  t.match(await login, { status: 1, stdout: /"state":"cancelled"/ })
})
