import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { tellIssuer } from '../../../daemon/broker/tell-issuer.ts'
import type { GrantRecord } from '../../../daemon/grant/grant-record.ts'
import { type KeptToken, packTokens } from '../../../daemon/vault/kept-tokens.ts'
import { FakeIssuers } from '../../fakes/fake-issuers.ts'
import { sampleRecord } from '../../fakes/sample-grant.ts'

function record(tokens: readonly KeptToken[] = []): GrantRecord {
  const { secret } = packTokens(tokens)
  return { ...sampleRecord(), ...(secret && { accessTokens: secret }) }
}

const two = [
  { value: 'at-1', expiresAt: 100 },
  { value: 'at-2', expiresAt: 90 },
]

const none = { revoked: 0, unsupported: 0, failed: 0 }

t.test('the refresh token first, then the access tokens, and each is asked about', async (t) => {
  const issuers = new FakeIssuers()
  const told = await tellIssuer(issuers, record(two), 50)
  t.same(told, {
    refreshToken: 'revoked',
    isVerified: true,
    closed: new Set(['at-1', 'at-2']),
    counts: { ...none, revoked: 2 },
    problems: [],
    retryAfterSeconds: 0,
  })
  t.same(issuers.steps.slice(0, 2), ['revoke', 'introspect'])
  t.same(issuers.revoked, ['rt-1'])
  t.same(issuers.revokedAccessTokens, ['at-1', 'at-2'])
})

t.test('a token that ended by itself is not told about, and in no count', async (t) => {
  const issuers = new FakeIssuers()
  const told = await tellIssuer(issuers, record(two), 90)
  t.same(issuers.revokedAccessTokens, ['at-1'])
  t.match(told, { closed: new Set(['at-1', 'at-2']), counts: { ...none, revoked: 1 } })
})

t.test('the issuer that calls a token active still has not revoked it', async (t) => {
  const issuers = new FakeIssuers()
  issuers.introspections.set('rt-1', { kind: 'active' })
  issuers.introspections.set('at-2', { kind: 'active' })
  const told = await tellIssuer(issuers, record(two), 50)
  t.equal(told.refreshToken, undefined)
  t.same(told.closed, new Set(['at-1']))
  t.same(told.problems, [
    'the issuer accepted it, and calls the refresh token active still',
    'the issuer accepted it, and calls the access token active still',
  ])
})

t.test('what nobody confirms is revoked, and not verified', async (t) => {
  for (const [introspection, problem] of [
    [{ kind: 'unavailable' }, 'not confirmed: the issuer offers no introspection'],
    [{ kind: 'failed', reason: 'status 401' }, 'not confirmed: status 401'],
  ] as const) {
    const issuers = new FakeIssuers()
    issuers.introspection = introspection
    const told = await tellIssuer(issuers, record(two), 50)
    t.match(told, { refreshToken: 'revoked', isVerified: false, counts: { revoked: 2 } })
    t.same(told.problems, [problem], 'said once')
  }
  const partly = new FakeIssuers()
  partly.introspections.set('at-2', { kind: 'failed', reason: 'status 500' })
  t.match(await tellIssuer(partly, record(two), 50), { isVerified: false })
})

t.test('types of tokens that cannot be revoked are counted', async (t) => {
  const issuers = new FakeIssuers()
  issuers.revocations.set('at-1', { kind: 'unsupported' })
  const told = await tellIssuer(issuers, record(two), 50)
  t.match(told, { isVerified: true, counts: { revoked: 1, unsupported: 1, failed: 0 } })
  t.same(told.closed, new Set(['at-1', 'at-2']))
  issuers.revocation = { kind: 'unsupported' }
  const nothing = await tellIssuer(issuers, record(two), 50)
  t.match(nothing, { refreshToken: 'unsupported', counts: { unsupported: 2 } })
  t.notOk('isVerified' in nothing, 'nothing was revoked')
})

t.test('the refusal of an access token is the last word once the other is settled', async (t) => {
  const issuers = new FakeIssuers()
  const refused = { kind: 'refused', reason: 'invalid_request' } as const
  issuers.revocations.set('at-1', refused)
  const told = await tellIssuer(issuers, record(two), 50)
  t.match(told, { counts: { revoked: 1, failed: 1 }, closed: new Set(['at-1', 'at-2']) })
  t.same(told.problems, ['the issuer refused: invalid_request'])
  issuers.revocation = refused
  const all = await tellIssuer(issuers, record(two), 50)
  t.same(all.closed, new Set(), 'an issuer that refuses everything may come to its senses')
  t.equal(all.refreshToken, undefined)
})

t.test('nobody waits for an issuer that is silent more than once', async (t) => {
  const issuers = new FakeIssuers()
  issuers.revocation = { kind: 'failed', reason: 'timed out', retryAfterSeconds: 7 }
  const told = await tellIssuer(issuers, record(two), 50)
  t.same(told, {
    closed: new Set(),
    counts: none,
    problems: ['timed out'],
    retryAfterSeconds: 7,
  })
  t.same(issuers.revokedAccessTokens, [])
  issuers.revocations.set('rt-1', { kind: 'revoked' })
  const many = Array.from({ length: 40 }, (_, at) => ({ value: `at-${at}`, expiresAt: 100 }))
  t.match(await tellIssuer(issuers, record(many), 50), {
    refreshToken: 'revoked',
    isVerified: true,
    counts: none,
  })
  t.ok(issuers.revokedAccessTokens.length <= 8, 'those under way at once, and no more')
})

function registered(tokens: readonly KeptToken[] = []): GrantRecord {
  const { grant, ...secrets } = record(tokens)
  return {
    ...secrets,
    grant: { ...grant, registration: { managementUri: 'https://as.example/reg/1' } },
    registrationToken: Secret.fromText('rat-1'),
  }
}

t.test('a registered client goes last, when nothing of the grant is left', async (t) => {
  const issuers = new FakeIssuers()
  t.match(await tellIssuer(issuers, registered(two), 50), { client: 'deleted', problems: [] })
  t.equal(issuers.steps.at(-1), 'delete client')
  t.same(issuers.deleted, ['https://as.example/reg/1 rat-1'])
  issuers.revocations.set('at-1', { kind: 'failed', reason: 'off' })
  t.notOk('client' in (await tellIssuer(issuers, registered(two), 50)))
  issuers.revocation = { kind: 'failed', reason: 'off' }
  t.notOk('client' in (await tellIssuer(issuers, registered(), 50)))
  t.equal(issuers.deleted.length, 1, 'its tokens are revoked in its name first')
})

t.test('a client that others need is asked about at the last moment', async (t) => {
  const issuers = new FakeIssuers()
  const uses: number[] = []
  const told = await tellIssuer(issuers, registered(), 50, () => {
    uses.push(issuers.revoked.length)
    return 'newer'
  })
  t.match(told, { client: 'kept' })
  t.same(uses, [1])
  issuers.deletion = { kind: 'failed', reason: 'off', retryAfterSeconds: 90 }
  const failed = await tellIssuer(issuers, registered(), 50)
  t.match(failed, { retryAfterSeconds: 90, problems: [/not deleted yet: off/] })
})

t.test('it speaks as the client, and there may be access tokens alone', async (t) => {
  const issuers = new FakeIssuers()
  const asked: (string | undefined)[] = []
  issuers.revoke = async (client) => {
    asked.push(client.clientSecret?.reveal())
    return { kind: 'revoked' }
  }
  const { refreshToken: _, ...rest } = record(two.slice(1))
  const clientSecret = Secret.fromText('hush')
  const told = await tellIssuer(issuers, { ...rest, clientSecret }, 50)
  t.notOk('refreshToken' in told)
  t.same([told.isVerified, asked], [true, ['hush']])
})
