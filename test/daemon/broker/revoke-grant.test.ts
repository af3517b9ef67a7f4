import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { tokenHash } from '../../../daemon/base/token-hash.ts'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { endAtIssuer, endLocally, revokeGrant } from '../../../daemon/broker/revoke-grant.ts'
import { tokenKey } from '../../../daemon/broker/token-key.ts'
import { unpackTokens } from '../../../daemon/vault/kept-tokens.ts'
import { accessToken } from '../../fakes/access-token.ts'
import { deferred } from '../../fakes/deferred.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleGrant, sampleRecord } from '../../fakes/sample-grant.ts'

const NO_TOKENS = { revoked: 0, unsupported: 0, failed: 0 }

const owner = sampleCaller({ listener: 'admin' })

t.test('a grant ends here, durably and on record, before the issuer hears of it', async (t) => {
  const rooms = await roomsWithGrant()
  t.same(await revokeGrant(rooms, owner, 'work'), {
    grant: 'work',
    revocation: 'revoked_at_issuer',
    verified: true,
    access_tokens: NO_TOKENS,
  })
  t.same(rooms.steps, [
    'durable: revoked 1',
    'audit: grant.revoked',
    'revoke',
    'introspect',
    'durable: revoked 1',
    'audit: grant.revocation_finished',
  ])
  t.same(rooms.issuers.revoked, ['rt-1'])
  t.match(rooms.audit.entries, [
    { event: 'grant.revoked', peer: { pid: 4242 }, grant: 'work' },
    { event: 'grant.revocation_finished', reason: 'revoked_at_issuer', verified: true },
  ])
})

t.test('it says until when tokens already handed out can still work', async (t) => {
  const rooms = await roomsWithGrant()
  await issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
  t.match(await revokeGrant(rooms, owner, 'work'), { residual_until: '2030-01-01T00:05:00.000Z' })
  t.equal(rooms.tokens.size, 0)
})

t.test(
  'an exchange under way brings its successor first, and that is the token revoked',
  async (t) => {
    const rooms = await roomsWithGrant()
    const gate = deferred()
    rooms.issuers.next(async (request) => {
      await gate.promise
      return await rooms.issuers.rotate(request)
    })
    const asking = issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
    await new Promise(setImmediate)
    const revoking = revokeGrant(rooms, owner, 'work')
    await new Promise(setImmediate)
    t.same(rooms.issuers.revoked, [])
    t.equal(rooms.disk.record('grant-1')?.grant.state.kind, 'revoked', 'locally it is over at once')
    gate.resolve()
    await t.rejects(asking, { code: 'login_required' })
    t.match(await revoking, { revocation: 'revoked_at_issuer' })
    t.same(rooms.issuers.revoked, ['rt-2'])
  },
)

t.test(
  'an issuer that cannot be reached hears of it later, and access is over all the same',
  async (t) => {
    const rooms = await roomsWithGrant()
    rooms.issuers.revocation = { kind: 'failed', reason: 'off' }
    t.match(await revokeGrant(rooms, owner, 'work'), { revocation: 'queued' })
    t.equal(rooms.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-1', 'kept for the retry')
    await t.rejects(issueAccessToken(rooms, sampleCaller(), { grant: 'work' }), {
      code: 'login_required',
    })
    rooms.issuers.revocation = { kind: 'revoked' }
    t.match(await revokeGrant(rooms, owner, 'work'), { revocation: 'revoked_at_issuer' })
  },
)

t.test('a tombstone keeps the facts and no secret', async (t) => {
  for (const [kind, revocation] of [
    ['revoked', 'revoked_at_issuer'],
    ['unsupported', 'unsupported'],
  ] as const) {
    const rooms = await roomsWithGrant()
    await rooms.vault().change('grant-1', (record) => ({
      ...record,
      previousRefreshToken: Secret.fromText('rt-0'),
      clientSecret: Secret.fromText('client secret'),
      dpopKey: Secret.fromText('key'),
    }))
    rooms.issuers.revocation = { kind }
    t.match(await revokeGrant(rooms, owner, 'work'), { revocation })
    t.same(Object.keys(rooms.disk.record('grant-1') ?? {}), ['grant'])
  }
})

t.test(
  'a dead grant has nothing to tell its issuer, and a second revocation does nothing',
  async (t) => {
    const rooms = await roomsWithGrant({ state: { kind: 'login_required', reason: 'over' } })
    await rooms.vault().change('grant-1', ({ grant }) => ({ grant }))
    t.match(await revokeGrant(rooms, owner, 'work'), { revocation: 'none' })
    t.match(await revokeGrant(rooms, owner, 'work'), { revocation: 'none' })
    t.same(rooms.issuers.revoked, [])
  },
)

t.test('a queue entry without a token is done', async (t) => {
  const rooms = await roomsWithGrant()
  await rooms.vault().change('grant-1', ({ grant }) => ({
    grant: { ...grant, state: { kind: 'revoked', at: 1, revocation: 'queued' } },
  }))
  t.match((await endAtIssuer(rooms, 'grant-1')).state, { revocation: 'revoked_at_issuer' })
  t.same(rooms.issuers.revoked, [])
})

t.test('what is not there cannot be revoked', async (t) => {
  const rooms = await roomsWithGrant()
  await t.rejects(revokeGrant(rooms, owner, 'nobody'), { code: 'unknown_grant' })
  await t.rejects(endAtIssuer(rooms, 'gone'), { code: 'unknown_grant' })
  t.equal((await endAtIssuer(rooms, 'grant-1')).state.kind, 'active', 'nor what nobody ended')
})

t.test(
  'an unrecorded revocation is not told as done, and access is over all the same',
  async (t) => {
    const rooms = await roomsWithGrant()
    rooms.audit.failing = ['grant.revoked']
    await t.rejects(revokeGrant(rooms, owner, 'work'), { code: 'audit_unavailable' })
    t.match(rooms.disk.record('grant-1')?.grant.state, { revocation: 'revoked_at_issuer' })
    t.same(rooms.issuers.revoked, ['rt-1'], 'the issuer has heard of it all the same')
    rooms.audit.failing = []
    t.match(await revokeGrant(rooms, owner, 'work'), { revocation: 'revoked_at_issuer' })
  },
)

t.test('a disk that cannot write a revocation ends access in memory', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.disk.failing = 1
  await t.rejects(revokeGrant(rooms, owner, 'work'), { code: 'vault_locked' })
  t.equal(rooms.vault().get('grant-1')?.state.kind, 'revoked')
  await t.rejects(issueAccessToken(rooms, sampleCaller(), { grant: 'work' }), {
    code: 'login_required',
  })
})

t.test(
  'what the daemon itself ends has no peer on record, and the client says who it is',
  async (t) => {
    const rooms = await roomsWithGrant()
    await rooms.vault().add({
      ...sampleRecord({ id: 'b', name: 'b' }, 'rt-b'),
      clientSecret: Secret.fromText('client secret'),
    })
    let secret: string | undefined
    rooms.issuers.revoke = async (client) => {
      secret = client.clientSecret?.reveal()
      return { kind: 'revoked' }
    }
    await endLocally(rooms, undefined, 'b')
    t.notOk(rooms.audit.last && 'peer' in rooms.audit.last)
    await endAtIssuer(rooms, 'b')
    t.equal(secret, 'client secret')
  },
)

t.test('an answer that was lost before makes the revocation uncertain, and says so', async (t) => {
  const intent = { tokenHash: 'x', startedAt: 1, attempt: 1 }
  for (const kind of ['in_doubt', 'refreshing'] as const) {
    const rooms = await roomsWithGrant({ state: { kind, intent } })
    t.same(await revokeGrant(rooms, owner, 'work'), {
      grant: 'work',
      revocation: 'uncertain',
      verified: false,
      access_tokens: NO_TOKENS,
      residual_until: '2030-01-01T01:00:00.000Z',
    })
    t.match(rooms.audit.last, { event: 'grant.revocation_finished', reason: 'uncertain' })
    t.match(await revokeGrant(rooms, owner, 'work'), { revocation: 'uncertain' }, 'also later')
  }
  const unsupported = await roomsWithGrant({ state: { kind: 'in_doubt', intent } })
  unsupported.issuers.revocation = { kind: 'unsupported' }
  t.match(await revokeGrant(unsupported, owner, 'work'), { revocation: 'unsupported' })
})

t.test('an exchange under way makes it uncertain only when its answer is lost', async (t) => {
  for (const [failure, revocation] of [
    [{ kind: 'in_doubt', reason: 'connection lost' }, 'uncertain'],
    [{ kind: 'unusable', reason: 'status 502' }, 'revoked_at_issuer'],
    [{ kind: 'not_sent', reason: 'off' }, 'revoked_at_issuer'],
  ] as const) {
    const rooms = await roomsWithGrant()
    const gate = deferred()
    rooms.issuers.next(async () => {
      await gate.promise
      return failure
    })
    const asking = issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
    await new Promise(setImmediate)
    const revoking = revokeGrant(rooms, owner, 'work')
    gate.resolve()
    await t.rejects(asking)
    t.match(await revoking, { revocation }, failure.kind)
  }
})

t.test('a failure is on record once, and the next attempt is in the record', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.revocation = { kind: 'failed', reason: 'off' }
  await revokeGrant(rooms, owner, 'work')
  t.match(rooms.audit.last, { event: 'grant.revocation_failed', reason: 'off', grant: 'work' })
  rooms.steps.length = 0
  await endAtIssuer(rooms, 'grant-1')
  t.same(rooms.steps, ['revoke', 'durable: revoked 1'])
  t.match(rooms.disk.record('grant-1')?.grant.state, {
    report: { attempts: 2, nextAttemptAt: rooms.clock.now() + 120_000, problem: 'off' },
  })
  rooms.issuers.revocation = { kind: 'failed', reason: 'status 500' }
  await endAtIssuer(rooms, 'grant-1')
  t.match(rooms.audit.last, { event: 'grant.revocation_failed', reason: 'status 500' })
  rooms.issuers.revocation = { kind: 'revoked' }
  await endAtIssuer(rooms, 'grant-1')
  t.same(
    rooms.audit.events().filter((event) => event.startsWith('grant.revocation_')),
    ['grant.revocation_failed', 'grant.revocation_failed', 'grant.revocation_finished'],
  )
})

t.test(
  'a grant that ended is in no list of memory, and its last use is in its record',
  async (t) => {
    const rooms = await roomsWithGrant()
    await issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
    rooms.clock.advance(20_000)
    await issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
    rooms.rejectedFloor.mark('grant-1', rooms.clock.monotonic())
    rooms.backOff.failed('grant-1', 'off', { firstSeconds: 5, mostSeconds: 5, jitter: 0 })
    await revokeGrant(rooms, owner, 'work')
    t.same([rooms.uses.size, rooms.backOff.size, rooms.tokens.size], [0, 0, 0])
    t.equal(rooms.rejectedFloor.waitSeconds('grant-1', rooms.clock.monotonic()), 0)
    t.equal(rooms.disk.record('grant-1')?.grant.lastUsedAt, rooms.clock.now())
  },
)

t.test('a token that landed while the revocation was written is dropped too', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.disk.beforeWrite = async ({ grant }) => {
    if (grant.state.kind !== 'revoked') return
    const token = { value: 'at', mark: 'm', tokenType: 'Bearer', scope: [], generation: 1 } as const
    rooms.tokens.keep(tokenKey(sampleGrant(), { audience: undefined, scope: [] }), {
      ...token,
      expiresAt: rooms.clock.now() + 60_000,
      lifetimeSeconds: 60,
    })
  }
  await endLocally(rooms, owner, 'grant-1')
  t.equal(rooms.tokens.size, 0)
})

t.test('live access tokens are ended too, those that others have replaced as well', async (t) => {
  const rooms = await roomsWithGrant()
  await issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
  const rejected = tokenHash('at-2')
  await issueAccessToken(rooms, sampleCaller(), { grant: 'work', rejected })
  t.match(await revokeGrant(rooms, owner, 'work'), {
    verified: true,
    access_tokens: { revoked: 2, unsupported: 0, failed: 0 },
  })
  t.same(rooms.issuers.revokedAccessTokens.toSorted(), ['at-2', 'at-3'])
  t.equal(rooms.tokens.size, 0)
})

t.test(
  'access tokens are durable before the issuer hears a word, until they are over',
  async (t) => {
    const rooms = await roomsWithGrant()
    await issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
    rooms.issuers.revocation = { kind: 'failed', reason: 'off' }
    t.match(await revokeGrant(rooms, owner, 'work'), {
      revocation: 'queued',
      verified: false,
      access_tokens: { revoked: 0, unsupported: 0, failed: 1 },
      revocation_problem: 'off',
      next_attempt_at: new Date(rooms.clock.now() + 60_000).toISOString(),
    })
    const sealed = () => unpackTokens(rooms.disk.record('grant-1')?.accessTokens)
    t.same(sealed(), [{ value: 'at-2', expiresAt: rooms.clock.now() + 300_000 }])
    rooms.issuers.revocations.set('rt-2', { kind: 'revoked' })
    const state = (await endAtIssuer(rooms, 'grant-1')).state
    t.match(state, { revocation: 'queued' }, 'the access token is still to be told about')
    t.notOk(rooms.disk.record('grant-1')?.refreshToken, 'the refresh token is not')
    rooms.clock.advance(300_000)
    t.match((await endAtIssuer(rooms, 'grant-1')).state, { revocation: 'revoked_at_issuer' })
    t.same(rooms.issuers.revoked, ['rt-2', 'rt-2'])
    t.same(Object.keys(rooms.disk.record('grant-1') ?? {}), ['grant'])
  },
)

t.test('a token that landed while the revocation was written is ended at the issuer', async (t) => {
  const rooms = await roomsWithGrant()
  let isFirst = true
  rooms.disk.beforeWrite = async () => {
    if (!isFirst) return
    isFirst = false
    rooms.tokens.keep(
      tokenKey(sampleGrant(), { audience: undefined, scope: [] }),
      accessToken(rooms.clock.now(), 60, 'at-late'),
    )
  }
  t.match(await revokeGrant(rooms, owner, 'work'), { access_tokens: { revoked: 1 } })
  t.same(rooms.issuers.revokedAccessTokens, ['at-late'])
})

t.test('an issuer that only says that it revoked is told again', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.introspection = { kind: 'active' }
  t.match(await revokeGrant(rooms, owner, 'work'), {
    revocation: 'queued',
    verified: false,
    revocation_problem: 'the issuer accepted it, and calls the refresh token active still',
  })
  t.ok(rooms.disk.record('grant-1')?.refreshToken, 'it is kept, to be told again')
  rooms.issuers.introspection = { kind: 'inactive' }
  t.match(await revokeGrant(rooms, owner, 'work'), {
    revocation: 'revoked_at_issuer',
    verified: true,
  })
})

t.test('whoever asks while the issuer is being told gets the same end', async (t) => {
  const rooms = await roomsWithGrant()
  const gate = deferred()
  const revoke = rooms.issuers.revoke.bind(rooms.issuers)
  rooms.issuers.revoke = async (...all) => {
    await gate.promise
    return await revoke(...all)
  }
  const both = Promise.all([revokeGrant(rooms, owner, 'work'), revokeGrant(rooms, owner, 'work')])
  await new Promise(setImmediate)
  gate.resolve()
  const [one, other] = await both
  t.same(one, other)
  t.same(rooms.issuers.revoked, ['rt-1'])
  t.equal(rooms.endings.size, 0)
})
