import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { leaveClient, loginClient, wipeClient } from '../../../daemon/broker/login-client.ts'
import { fakeRooms, roomsWithGrant } from '../../fakes/fake-rooms.ts'
import { ISSUER, sampleGrant, sampleRecord } from '../../fakes/sample-grant.ts'

const request = { grant: 'work', issuer: ISSUER, flow: 'device' } as const
const metadata = {
  issuer: ISSUER,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: `${ISSUER}/reg`,
}
const registration = { managementUri: `${ISSUER}/reg/1` }

t.test('a client that is named is used, with a secret of its own', async (t) => {
  const rooms = fakeRooms()
  const clientSecret = Secret.fromText('hush')
  const named = { ...request, client_id: 'named' }
  const client = await loginClient(rooms, named, metadata, { clientSecret })
  t.match(client, { clientId: 'named', isRegistered: false, isNew: false })
  clientSecret.wipe()
  t.equal(client.clientSecret?.reveal(), 'hush')
  t.notOk('clientSecret' in (await loginClient(rooms, named, metadata, {})))
  t.same(rooms.steps, [], 'nobody is asked')
})

t.test('without one a client is registered, where the issuer offers that', async (t) => {
  const rooms = fakeRooms()
  const initialAccessToken = Secret.fromText('initial')
  const client = await loginClient(rooms, request, metadata, { initialAccessToken })
  t.match(client, { clientId: 'registered-1', isRegistered: true, isNew: true, ...registration })
  t.equal(client.registrationToken?.reveal(), 'rat-1')
  t.same(rooms.issuers.initialAccessTokens, ['initial'])
  const { registration_endpoint: _, ...closed } = metadata
  await t.rejects(loginClient(rooms, request, closed, {}), {
    code: 'invalid_request',
    hint: 'register a native public client there, and add --client-id',
  })
  const clientRegistration = 'https://as.example/apps'
  await t.rejects(loginClient(rooms, { ...request, clientRegistration }, closed, {}), {
    code: 'invalid_request',
    hint: 'register a native public client at https://as.example/apps, and add --client-id',
  })
  rooms.issuers.registration = { kind: 'request_wrong', code: 'invalid_client_metadata' }
  await t.rejects(loginClient(rooms, request, metadata, {}), { code: 'issuer_rejected' })
})

t.test('a login that is done again needs no secret, and takes another one', async (t) => {
  const rooms = fakeRooms()
  const clientSecret = Secret.fromText('hush')
  await rooms.vault().add({ ...sampleRecord(), clientSecret })
  const again = { ...request, client_id: 'client' }
  const client = await loginClient(rooms, again, metadata, {})
  t.match(client, { clientId: 'client', isRegistered: false, isNew: false })
  t.equal(client.clientSecret?.reveal(), 'hush')
  const other = await loginClient(rooms, again, metadata, { clientSecret: Secret.fromText('new') })
  t.equal(other.clientSecret?.reveal(), 'new')
})

t.test('the next login of a name uses the client again', async (t) => {
  const rooms = fakeRooms()
  await rooms.vault().add({
    ...sampleRecord({ registration }),
    previousRefreshToken: Secret.fromText('rt-0'),
    clientSecret: Secret.fromText('hush'),
    registrationToken: Secret.fromText('rat-1'),
  })
  for (const asked of [request, { ...request, client_id: 'client' }]) {
    const client = await loginClient(rooms, asked, metadata, {})
    t.match(client, { clientId: 'client', isRegistered: true, isNew: false, ...registration })
    t.equal(client.registrationToken?.reveal(), 'rat-1')
    t.equal(client.clientSecret?.reveal(), 'hush')
  }
  t.notOk(rooms.steps.includes('register'))
})

t.test('one that went with its grant is not used again', async (t) => {
  const revoked = { kind: 'revoked', at: 1, revocation: 'queued' } as const
  const rooms = await roomsWithGrant({ registration, state: revoked })
  t.match(await loginClient(rooms, request, metadata, {}), { isNew: true })
})

t.test('a live grant keeps its name, before anything is registered', async (t) => {
  const rooms = await roomsWithGrant()
  await t.rejects(loginClient(rooms, request, metadata, {}), {
    code: 'invalid_request',
    hint: 'grantd revoke work',
  })
  const elsewhere = { ...sampleGrant().metadata, issuer: 'https://b.example' }
  const other = await roomsWithGrant({ registration, metadata: elsewhere })
  await t.rejects(loginClient(other, request, metadata, {}), { code: 'invalid_request' })
  t.same([...rooms.issuers.steps, ...other.issuers.steps].includes('register'), false)
})

t.test('a login that failed leaves no client behind that was registered for it', async (t) => {
  for (const [deletion, event] of [
    [{ kind: 'deleted' }, 'client.deleted'],
    [{ kind: 'failed', reason: 'off' }, 'client.not_deleted'],
  ] as const) {
    const rooms = fakeRooms()
    rooms.issuers.deletion = deletion
    const client = await loginClient(rooms, request, metadata, {})
    await leaveClient(rooms, { grant: 'work' }, client)
    t.same(rooms.issuers.deleted, [`${ISSUER}/reg/1 rat-1`])
    t.match(rooms.audit.last, { event, grant: 'work' })
    t.throws(() => client.registrationToken?.reveal(), TypeError)
  }
  const rooms = fakeRooms()
  const { registrationToken: _, ...unmanaged } = await loginClient(rooms, request, metadata, {})
  rooms.audit.failing = 'all'
  await leaveClient(rooms, {}, unmanaged)
  const old = { clientId: 'c', isRegistered: true, isNew: false, ...registration }
  const registrationToken = Secret.fromText('rat-old')
  await leaveClient(rooms, {}, { ...old, registrationToken })
  t.same(rooms.issuers.deleted, [], 'one that another grant has stays')
  t.throws(() => registrationToken.reveal(), TypeError)
})

t.test('its secrets are wiped with it', async (t) => {
  const clientSecret = Secret.fromText('hush')
  wipeClient({ clientId: 'c', isRegistered: false, isNew: false, clientSecret })
  t.throws(() => clientSecret.reveal(), TypeError)
})
