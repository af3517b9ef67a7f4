import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { listGrants } from '../../daemon/broker/list-grants.ts'
import { retryRevocations } from '../../daemon/broker/retry-revocations.ts'
import { revokeGrant } from '../../daemon/broker/revoke-grant.ts'
import type { Rooms } from '../../daemon/broker/rooms.ts'
import { tokenKey } from '../../daemon/broker/token-key.ts'
import { createIssuers } from '../../daemon/issuer/openid-issuers.ts'
import type { SealedRecords } from '../../daemon/vault/sealed-records.ts'
import { createSealedVault } from '../../daemon/vault/sealed-vault.ts'
import { SealingKey } from '../../daemon/vault/sealing-key.ts'
import { vaultFiles } from '../../daemon/vault/vault-files.ts'
import { accessToken } from '../fakes/access-token.ts'
import type { FakeClock } from '../fakes/fake-clock.ts'
import { fakeRooms, sampleCaller } from '../fakes/fake-rooms.ts'
import { sampleGrant } from '../fakes/sample-grant.ts'
import { FAULTS } from '../issuers/faults.ts'
import { clientOf, LOOPBACK_ROOM, logIn } from '../issuers/log-in.ts'
import { startOidcIssuer } from '../issuers/oidc-issuer.ts'
import { startWorld, tokenOf } from './world.ts'

/** A life of the daemon: a vault on a real disk, a real issuer, and time in the test's hand. */
interface Life {
  readonly rooms: Rooms & { readonly clock: FakeClock }
  end(): Promise<void>
}

/** Starts on what the life before left on the disk, some time later. */
async function live(state: string, laterMs: number): Promise<Life> {
  const files = vaultFiles(state)
  await files.prepare()
  const key = new SealingKey('keychain', Buffer.alloc(32, 1), 'a machine')
  const vault: SealedRecords = createSealedVault(files, key, await files.readRecords())
  const fakes = fakeRooms()
  fakes.clock.advance(laterMs)
  const rooms = { ...fakes, vault: () => vault, issuers: createIssuers(LOOPBACK_ROOM) }
  return { rooms, end: () => vault.close() }
}

const queuedOf = ({ rooms }: Life) => listGrants(rooms).grants[0]

async function loggedIn(t: Test) {
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  const client = await clientOf(issuer)
  const { refreshToken, answer } = await logIn(client, [])
  const state = join(t.testdir(), 'state')
  const first = await live(state, 0)
  const { clientId, metadata } = client
  const grant = sampleGrant({ clientId, metadata, scopes: { '': [] }, audiences: [] })
  const secrets = [refreshToken.reveal(), answer.accessToken] as const
  await first.rooms.vault().add({ grant, refreshToken })
  first.rooms.tokens.keep(
    tokenKey(grant, { audience: undefined, scope: [] }),
    accessToken(first.rooms.clock.now(), 3_600, answer.accessToken),
  )
  return { issuer, state, first, secrets }
}

const MINUTE = 60_000

t.test('a revocation that was queued offline reaches the issuer after two restarts', async (t) => {
  const { issuer, state, first, secrets } = await loggedIn(t)
  const active = () => Promise.all(secrets.map((token) => issuer.controls.isActive(token)))
  issuer.proxy.next(FAULTS.dropBefore, 2, '/token/revocation')
  t.match(await revokeGrant(first.rooms, sampleCaller(), 'work'), {
    revocation: 'queued',
    revocation_problem: 'connection lost',
    access_tokens: { failed: 1 },
  })
  await first.end()
  t.same(await active(), [true, true], 'nothing got through')

  const hasty = await live(state, MINUTE - 1)
  t.equal(await retryRevocations(hasty.rooms), 1)
  t.equal(issuer.proxy.asked('/token/revocation').length, 1, 'a restart does not hammer')
  hasty.rooms.clock.advance(1)
  t.equal(await retryRevocations(hasty.rooms), 1)
  t.equal(issuer.proxy.asked('/token/revocation').length, 2)
  const next = Date.parse(queuedOf(hasty)?.next_attempt_at ?? '')
  t.equal(next, hasty.rooms.clock.now() + 2 * MINUTE, 'the pauses go on growing')
  await hasty.end()
  t.same(await active(), [true, true])

  const last = await live(state, 3 * MINUTE)
  t.match(queuedOf(last), { state: 'revoked', revocation: 'queued' }, 'it is in the list')
  t.equal(await retryRevocations(last.rooms), 0)
  t.same(await active(), [false, false], 'the issuer says that both are over')
  t.match(queuedOf(last), {
    revocation: 'revoked_at_issuer',
    verified: true,
    access_tokens: { revoked: 1, unsupported: 0, failed: 0 },
  })
  const asked = issuer.proxy.asked('/token/revocation').length
  await last.end()

  const after = await live(state, 600 * MINUTE)
  t.equal(await retryRevocations(after.rooms), 0)
  t.equal(issuer.proxy.asked('/token/revocation').length, asked, 'and then never again')
  await after.end()
})

t.test('what is queued lies sealed, and no token can be read from the disk', async (t) => {
  const { issuer, state, first, secrets } = await loggedIn(t)
  issuer.proxy.next(FAULTS.dropBefore, 1, '/token/revocation')
  await revokeGrant(first.rooms, sampleCaller(), 'work')
  await first.end()
  const files = readdirSync(join(state, 'grants')).map((name) =>
    readFileSync(join(state, 'grants', name), 'latin1'),
  )
  t.equal(files.length, 1)
  for (const text of files)
    for (const secret of secrets) t.notOk(text.includes(secret), 'it lies sealed')
})

t.test('an access token that ended by itself keeps nothing queued', async (t) => {
  const { issuer, state, first, secrets } = await loggedIn(t)
  issuer.proxy.next(FAULTS.dropBefore, 1, '/token/revocation')
  await revokeGrant(first.rooms, sampleCaller(), 'work')
  await first.end()
  const later = await live(state, 61 * MINUTE)
  t.equal(await retryRevocations(later.rooms), 0)
  t.equal(issuer.proxy.asked('/token/revocation').length, 2, 'the refresh token alone')
  t.equal(await issuer.controls.isActive(secrets[0]), false)
  t.match(queuedOf(later), { verified: true, access_tokens: { revoked: 0, failed: 0 } })
  await later.end()
})

t.test('a daemon that is killed while it tells an issuer tells it at its next start', async (t) => {
  const credentials = t.testdir({ 'grantd-sealing-key': 'a1'.repeat(32) })
  chmodSync(join(credentials, 'grantd-sealing-key'), 0o400)
  const world = await startWorld({
    config: '[vault]\nsealing_key = "credential-file"\n',
    environment: { CREDENTIALS_DIRECTORY: credentials },
  })
  t.teardown(() => world.close())
  const { proxy, controls } = world.issuer
  await world.login({ scope: 'openid offline_access email', audience: [] })
  const token = tokenOf(await world.token({ grant: 'work' })).access_token
  t.equal(await controls.isActive(token), true)
  proxy.next({ kind: 'hold_request' }, 2, '/token/revocation')
  const cut = world.ask('admin', 'POST', '/v1/grants/work/revoke').catch(() => 'cut off')
  const told = () => proxy.asked('/token/revocation').length
  for (const attempt of [1, 2]) {
    while (told() < attempt) await pause(5)
    await world.kill()
    t.equal(await controls.isActive(token), true, 'the issuer has not acted')
    await world.restart()
  }
  t.equal(await cut, 'cut off')
  const detail = async () => (await world.ask('admin', 'GET', '/v1/grants/work')).body
  while ((await detail())?.['revocation'] === 'queued') await pause(5)
  t.match(await detail(), {
    state: 'revoked',
    revocation: 'revoked_at_issuer',
    verified: true,
    access_tokens: { revoked: 1, unsupported: 0, failed: 0 },
  })
  const refreshToken = proxy.asked('/token/revocation')[0]?.get('token') ?? ''
  t.same(await Promise.all([refreshToken, token].map((each) => controls.isActive(each))), [
    false,
    false,
  ])
})
