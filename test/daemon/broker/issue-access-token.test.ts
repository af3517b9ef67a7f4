import { GrantdError, type TokenRequest } from '@grantd/client/protocol'
import t from 'tap'
import { REQUEST_BURST } from '../../../daemon/base/limits.ts'
import { tokenHash, tokenHashPrefix } from '../../../daemon/base/token-hash.ts'
import { exchangeOnRecord } from '../../../daemon/broker/exchange-on-record.ts'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { revokeGrant } from '../../../daemon/broker/revoke-grant.ts'
import type { Rooms } from '../../../daemon/broker/rooms.ts'
import { transition } from '../../../daemon/grant/transition.ts'
import type { Decision } from '../../../daemon/policy/decision.ts'
import { FREE_TERMS } from '../../../daemon/policy/terms.ts'
import { deferred } from '../../fakes/deferred.ts'
import { roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleInquiry } from '../../fakes/local-peer.ts'
import { API, ISSUER, samplePeer, sampleRecord } from '../../fakes/sample-grant.ts'

const allowed: Decision = { kind: 'allow', rule: 'r', limits: [], ...FREE_TERMS }
const denied: Decision = { kind: 'deny', rule: 'r', code: 'access_denied', reason: 'no rule' }

const issue = (rooms: Rooms, request: TokenRequest = { grant: 'work' }, caller = sampleCaller()) =>
  issueAccessToken(rooms, caller, request)

t.test('policy comes first and last, and the record before the answer', async (t) => {
  const rooms = await roomsWithGrant()
  t.same(await issue(rooms), {
    access_token: 'at-2',
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'repo:read repo:write',
    audience: API,
    grant: 'work',
    generation: 2,
  })
  t.same(rooms.steps, [
    'policy',
    'audit: grant.refresh_begun',
    'durable: refreshing 1',
    'send',
    'durable: active 2',
    'audit: grant.refreshed',
    'policy',
    'audit: token.issued',
  ])
  t.equal(rooms.uses.get('grant-1'), rooms.clock.now())
})

t.test('a cached token passes policy too, and costs no exchange', async (t) => {
  const rooms = await roomsWithGrant()
  await issue(rooms)
  rooms.steps.length = 0
  rooms.clock.advance(10_000)
  t.match(await issue(rooms), { access_token: 'at-2', expires_in: 290 })
  t.same(rooms.steps, ['policy', 'policy', 'audit: token.issued'])
  rooms.say.decide = () => denied
  rooms.steps.length = 0
  await t.rejects(issue(rooms), { code: 'access_denied', message: 'no rule' })
  t.same(rooms.steps, ['policy', 'audit: token.denied'])
})

t.test('a denial reaches neither cache nor issuer', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => denied
  await t.rejects(issue(rooms), { code: 'access_denied' })
  t.same(rooms.steps, ['policy', 'audit: token.denied'])
})

t.test('the record says who got what by which rule, and nothing of tokens', async (t) => {
  const rooms = await roomsWithGrant()
  const request = { grant: 'work', scope: 'repo:read', purpose: 'git fetch' }
  await issue(rooms, request)
  t.same(rooms.audit.last, {
    event: 'token.issued',
    peer: samplePeer(),
    request,
    grant: 'work',
    grantId: 'grant-1',
    issuer: ISSUER,
    scope: ['repo:read'],
    audience: API,
    token: tokenHashPrefix('at-2'),
    expiresInSeconds: 300,
    generation: 2,
    rule: 'built-in',
  })
  t.notMatch(rooms.audit.text, /at-2|rt-/)
})

t.test('the answer without an audience has none', async (t) => {
  const rooms = await roomsWithGrant({ audiences: [], scopes: { '': ['a'] } })
  t.notOk('audience' in (await issue(rooms)))
})

t.test('every denial is on record with its code, and reaches no issuer', async (t) => {
  const cases: readonly {
    readonly code: string
    readonly request?: TokenRequest
    readonly before?: (rooms: Awaited<ReturnType<typeof roomsWithGrant>>) => void
    readonly caller?: ReturnType<typeof sampleCaller>
  }[] = [
    { code: 'unknown_grant', request: { grant: 'nobody' } },
    { code: 'unknown_grant', request: { issuer: 'https://nobody.example' } },
    { code: 'invalid_request', request: { purpose: 'none' } },
    { code: 'invalid_scope', request: { grant: 'work', scope: 'admin' } },
    { code: 'invalid_target', request: { grant: 'work', audience: 'https://other.example' } },
    { code: 'unauthorized_peer', caller: sampleCaller({ peer: samplePeer({ class: 'relay' }) }) },
    { code: 'unauthorized_peer', caller: sampleCaller({ listener: 'admin' }) },
    {
      code: 'config_invalid',
      before: (rooms) => {
        rooms.say.config = () => {
          throw new GrantdError('config_invalid', 'x:1:1: broken')
        }
      },
    },
    {
      code: 'vault_locked',
      before: (rooms) => {
        rooms.say.vault = () => {
          throw new GrantdError('vault_locked', 'locked')
        }
      },
    },
    {
      code: 'consent_denied',
      before: (rooms) => {
        rooms.say.decide = () => ({ ...allowed, consent: 'always' })
        rooms.say.person = async () => ({ kind: 'denied', reason: 'no' })
      },
    },
    {
      code: 'consent_unavailable',
      before: (rooms) => {
        rooms.say.decide = () => ({ ...allowed, consent: 'always' })
        rooms.say.person = async () => ({ kind: 'unavailable', reason: 'no prompt' })
      },
    },
  ]
  for (const { code, request, before, caller } of cases) {
    const rooms = await roomsWithGrant()
    before?.(rooms)
    await t.rejects(issue(rooms, request, caller), { code }, code)
    t.match(rooms.audit.last, { event: 'token.denied', reason: code })
    t.same(rooms.audit.last?.request, request ?? { grant: 'work' })
    t.equal(rooms.audit.entries.length, 1)
    t.same(rooms.issuers.spent, [])
  }
})

t.test('what a person allowed is looked at again when the token leaves', async (t) => {
  const wishes: unknown[] = []
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => ({ ...allowed, consent: { seconds: 900 } })
  rooms.say.person = async (_question, wish) => ({
    kind: 'allowed',
    stillStands: (later) => {
      wishes.push(wish, later)
      return false
    },
  })
  await t.rejects(issue(rooms), { code: 'access_denied', message: /changed meanwhile/ })
  t.same(wishes, [{ seconds: 900 }, { seconds: 900 }])
  rooms.say.person = async () => ({ kind: 'allowed', stillStands: () => true })
  t.match(await issue(rooms), { access_token: 'at-2' }, 'what was fetched is in the cache')
})

t.test('a rule that wants a person asked only now is not passed by', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.next(async (request) => {
    rooms.say.decide = () => ({ ...allowed, consent: 'once' })
    return await rooms.issuers.rotate(request)
  })
  await t.rejects(issue(rooms), { code: 'access_denied' })
  t.same(rooms.prompts, [])
})

t.test('a rule that denies while a person thinks spends no refresh token', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => ({ ...allowed, consent: 'always' })
  rooms.say.person = async () => {
    rooms.say.decide = () => denied
    return { kind: 'allowed', stillStands: () => true }
  }
  await t.rejects(issue(rooms), { code: 'access_denied', message: 'no rule' })
  t.same(rooms.issuers.spent, [])
})

t.test('a mistake of ours is on record too', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => {
    throw new TypeError('a mistake')
  }
  await t.rejects(issue(rooms), { message: 'a mistake' })
  t.match(rooms.audit.last, { event: 'token.denied', reason: 'internal_error' })
})

t.test('no record, no answer: neither token nor reason', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.audit.failing = ['token.issued', 'token.denied']
  await t.rejects(issue(rooms), { code: 'audit_unavailable' })
  await t.rejects(issue(rooms), { code: 'audit_unavailable' }, 'nor out of the cache')
  rooms.say.decide = () => denied
  await t.rejects(issue(rooms), { code: 'audit_unavailable' })
})

t.test('a person is asked when a rule says so', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => ({ ...allowed, consent: 'always' })
  t.match(await issue(rooms, { grant: 'work', purpose: 'git fetch' }), { access_token: 'at-2' })
  t.match(rooms.prompts, [
    {
      peer: samplePeer(),
      grant: 'work',
      scope: ['repo:read', 'repo:write'],
      audience: API,
      purpose: 'git fetch',
    },
  ])
})

t.test(
  'what changed during a slow exchange decides, and the token stays in the cache',
  async (t) => {
    const first = (later: Decision) => {
      let asked = 0
      return () => (asked++ === 0 ? allowed : later)
    }
    const cases: readonly {
      readonly what: string
      readonly code: string
      readonly meanwhile: (rooms: Awaited<ReturnType<typeof roomsWithGrant>>) => void
    }[] = [
      {
        what: 'policy',
        code: 'access_denied',
        meanwhile: (rooms) => {
          rooms.say.decide = () => denied
        },
      },
      {
        what: 'consent',
        code: 'access_denied',
        meanwhile: (rooms) => {
          rooms.say.decide = () => ({ ...allowed, consent: 'always' })
        },
      },
      {
        what: 'configuration',
        code: 'config_invalid',
        meanwhile: (rooms) => {
          rooms.say.config = () => {
            throw new GrantdError('config_invalid', 'x:1:1: broken')
          }
        },
      },
    ]
    for (const { what, code, meanwhile } of cases) {
      const rooms = await roomsWithGrant()
      rooms.issuers.next(async (request) => {
        meanwhile(rooms)
        return await rooms.issuers.rotate(request)
      })
      await t.rejects(issue(rooms), { code }, what)
      t.match(rooms.audit.last, { event: 'token.denied', reason: code })
      t.equal(rooms.tokens.size, 1, what)
      t.equal(rooms.uses.size, 0)
    }
    const rooms = await roomsWithGrant()
    rooms.say.decide = first({ ...allowed, rule: 'stricter', maxLifetimeSeconds: 20 })
    t.match(await issue(rooms), { expires_in: 20 }, 'a cap that came meanwhile holds')
    t.match(rooms.audit.last, { rule: 'stricter', expiresInSeconds: 20 })
  },
)

t.test('a lifetime cap never makes a token look younger than it is', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => ({ ...allowed, maxLifetimeSeconds: 1_000 })
  t.match(await issue(rooms), { expires_in: 300 })
})

t.test('a grant revoked or replaced during a slow exchange gives nothing', async (t) => {
  const revoked = await roomsWithGrant()
  revoked.audit.whileSyncing = async ({ event }) => {
    if (event !== 'grant.refreshed') return
    await revoked.vault().change('grant-1', (record) => ({
      ...record,
      grant: transition(record.grant, { kind: 'revoked', at: 1, revocation: 'queued' }),
    }))
  }
  await t.rejects(issue(revoked), { code: 'login_required', hint: 'grantd login work' })
  const replaced = await roomsWithGrant()
  replaced.issuers.next(async (request) => {
    await replaced.vault().add(sampleRecord({ id: 'newer', createdAt: replaced.clock.now() }))
    return await replaced.issuers.rotate(request)
  })
  await t.rejects(issue(replaced), { code: 'login_required' })
  t.match(replaced.audit.last, { event: 'token.denied', reason: 'login_required' })
})

t.test('a process that is gone gets nothing, whatever its exchange brought', async (t) => {
  const rooms = await roomsWithGrant()
  const caller = sampleCaller({ isSameProcess: () => false })
  await t.rejects(issue(rooms, undefined, caller), { code: 'unauthorized_peer' })
  t.match(rooms.audit.last, { event: 'token.denied', reason: 'unauthorized_peer' })
  t.match(await issue(rooms), { access_token: 'at-2' }, 'the next caller gets it')
})

t.test('a denial tells who started the process, an issuance does not look', async (t) => {
  const rooms = await roomsWithGrant()
  const chain = [{ pid: 7, executable: '/usr/bin/bash' }]
  let looks = 0
  const inquiry = sampleInquiry({
    ancestors: () => {
      looks += 1
      return chain
    },
  })
  const caller = sampleCaller({ inquiry })
  await issue(rooms, undefined, caller)
  t.notOk(rooms.audit.last?.ancestors)
  t.equal(looks, 0)
  await t.rejects(issue(rooms, { grant: 'nowhere' }, caller), { code: 'unknown_grant' })
  t.match(rooms.audit.last, { event: 'token.denied', ancestors: chain })
})

t.test('a grant is found by its issuer', async (t) => {
  const rooms = await roomsWithGrant()
  t.match(await issue(rooms, { issuer: ISSUER }), { grant: 'work' })
  await rooms.vault().add(sampleRecord({ id: 'b', name: 'home' }))
  await t.rejects(issue(rooms, { issuer: ISSUER }), { code: 'invalid_request' })
})

const refused = (value: string) => ({ grant: 'work', rejected: tokenHash(value) })

t.test('a token that a resource server refused is replaced, but not at every whim', async (t) => {
  const rooms = await roomsWithGrant()
  await issue(rooms)
  t.match(await issue(rooms, refused('at-2')), { access_token: 'at-3' })
  t.match(
    await issue(rooms, refused('at-2')),
    { access_token: 'at-3' },
    'stale news: the newer one',
  )
  t.match(await issue(rooms, refused('never seen')), { access_token: 'at-3' })
  await t.rejects(issue(rooms, refused('at-3')), { code: 'rate_limited', retryAfterSeconds: 10 })
  t.match(await issue(rooms), { access_token: 'at-3' }, 'others go on')
  rooms.clock.advance(10_000)
  t.match(await issue(rooms, refused('at-3')), { access_token: 'at-4' })
  t.equal(rooms.issuers.spent.length, 3)
})

t.test('only the token of the same target is dropped', async (t) => {
  const rooms = await roomsWithGrant()
  await issue(rooms, { grant: 'work', scope: 'repo:read' })
  await issue(rooms, { grant: 'work', scope: 'repo:write', rejected: tokenHash('at-2') })
  t.match(await issue(rooms, { grant: 'work', scope: 'repo:read' }), { access_token: 'at-2' })
})

t.test('a min_ttl beyond a token’s life does not make every request an exchange', async (t) => {
  const rooms = await roomsWithGrant()
  for (let i = 0; i < 10; i++) await issue(rooms, { grant: 'work', min_ttl: 86_400 })
  t.equal(rooms.issuers.spent.length, 1)
  rooms.clock.advance(61_000)
  await issue(rooms, { grant: 'work', min_ttl: 86_400 })
  t.equal(rooms.issuers.spent.length, 2, 'four fifths of a life is the most there is')
})

t.test('a slow grant delays no other', async (t) => {
  const rooms = await roomsWithGrant()
  await rooms.vault().add(sampleRecord({ id: 'b', name: 'home' }, 'rt-home'))
  const gate = deferred()
  rooms.issuers.next(async (request) => {
    await gate.promise
    return await rooms.issuers.rotate(request)
  })
  const slow = issue(rooms)
  await new Promise(setImmediate)
  t.match(await issue(rooms, { grant: 'home' }), { grant: 'home' })
  gate.resolve()
  t.match(await slow, { grant: 'work' })
})

t.test('after a revocation there is one clear answer', async (t) => {
  const rooms = await roomsWithGrant()
  await issue(rooms)
  await revokeGrant(rooms, sampleCaller({ listener: 'admin' }), 'work')
  await t.rejects(issue(rooms), { code: 'login_required', hint: 'grantd login work' })
})

t.test(
  'a token refused by a resource server leaves no mark on a grant revoked meanwhile',
  async (t) => {
    const rooms = await roomsWithGrant()
    await issue(rooms)
    rooms.say.decide = () => ({ ...allowed, consent: 'always' })
    rooms.say.person = async () => {
      await revokeGrant(rooms, sampleCaller({ listener: 'admin' }), 'work')
      return { kind: 'allowed', stillStands: () => true }
    }
    await t.rejects(issue(rooms, refused('at-2')), { code: 'login_required' })
    t.equal(rooms.rejectedFloor.waitSeconds('grant-1', rooms.clock.monotonic()), 0)
    t.equal(rooms.uses.size, 0)
  },
)

t.test('while an issuer gives no usable answer, cached tokens are still served', async (t) => {
  const rooms = await roomsWithGrant()
  await issue(rooms, { grant: 'work', scope: 'repo:read' })
  rooms.issuers.next({ kind: 'unusable', reason: 'status 502' })
  await t.rejects(issue(rooms), { code: 'issuer_unreachable', retryAfterSeconds: 5 })
  await t.rejects(issue(rooms), { code: 'issuer_unreachable', message: 'status 502' })
  t.equal(rooms.issuers.spent.length, 2)
  t.match(await issue(rooms, { grant: 'work', scope: 'repo:read' }), { access_token: 'at-2' })
  rooms.clock.advance(5_000)
  t.match(await issue(rooms), { access_token: 'at-3' })
})

t.test('an audit log that is full costs no rotation, however often one asks', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.audit.failing = 'all'
  for (let i = 0; i < 5; i++) await t.rejects(issue(rooms), { code: 'audit_unavailable' })
  t.same(rooms.issuers.spent, [])
  rooms.audit.failing = []
  t.match(await issue(rooms), { generation: 2 })
})

t.test('a cap holds for the answer and for the cache', async (t) => {
  const rooms = await roomsWithGrant()
  const ask = () => issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
  rooms.say.lifetime = { accessTokenSeconds: 120 }
  t.match(await ask(), { access_token: 'at-2', expires_in: 120 })
  rooms.clock.advance(90_000)
  t.match(await ask(), { access_token: 'at-2', expires_in: 30 })
  rooms.clock.advance(1_000)
  t.match(await ask(), { access_token: 'at-3', expires_in: 120 })
  rooms.say.lifetime = {}
  t.match(await ask(), { access_token: 'at-3', expires_in: 120 }, 'what was cut stays cut')
})

t.test('a cap that is newer than a token holds for it too', async (t) => {
  const rooms = await roomsWithGrant()
  const ask = () => issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
  t.match(await ask(), { access_token: 'at-2', expires_in: 300 })
  rooms.clock.advance(50_000)
  rooms.say.lifetime = { accessTokenSeconds: 100 }
  t.match(await ask(), { access_token: 'at-2', expires_in: 50 })
  rooms.clock.advance(50_000)
  t.match(await ask(), { access_token: 'at-3', expires_in: 100 })
})

t.test(
  'where a refresh ends earlier tokens all callers share one, and renew it late',
  async (t) => {
    const shared = { refreshInvalidatesAccessTokens: true, scopeNarrowing: 'none' } as const
    const rooms = await roomsWithGrant(shared)
    const ask = (more = {}) => issueAccessToken(rooms, sampleCaller(), { grant: 'work', ...more })
    t.match(await ask(), { access_token: 'at-2', generation: 2 })
    t.match(await ask({ min_ttl: 86_400 }), { access_token: 'at-2' }, 'whatever life he wants')
    await t.rejects(ask({ scope: 'repo:read' }), { code: 'invalid_scope', message: /share one/ })
    rooms.clock.advance(270_000)
    t.match(await ask(), { access_token: 'at-2' }, 'until its end is near')
    rooms.clock.advance(1_000)
    t.match(await ask(), { access_token: 'at-3', generation: 3 })
  },
)

t.test(
  'whoever asks while such a token is renewed gets the new one, by one exchange',
  async (t) => {
    const rooms = await roomsWithGrant({ refreshInvalidatesAccessTokens: true })
    const ask = (more = {}) => issueAccessToken(rooms, sampleCaller(), { grant: 'work', ...more })
    const { access_token } = await ask()
    const kept = deferred()
    const goOn = deferred()
    rooms.issuers.next(async (request) => {
      const answer = await rooms.issuers.rotate(request)
      kept.resolve()
      await goOn.promise
      return answer
    })
    const first = ask({ rejected: tokenHash(access_token) })
    // the successor is durable and the generation has moved on, but nothing is cached yet
    await kept.promise
    t.equal(rooms.vault().get('grant-1')?.generation, 3)
    const second = ask()
    goOn.resolve()
    t.equal((await first).access_token, 'at-3')
    t.equal((await second).access_token, 'at-3')
    t.equal(rooms.issuers.spent.length, 2)
  },
)

t.test('when the answer to its renewal is lost the shared token is not handed out', async (t) => {
  const rooms = await roomsWithGrant({ refreshInvalidatesAccessTokens: true })
  const ask = (more = {}) => issueAccessToken(rooms, sampleCaller(), { grant: 'work', ...more })
  await ask()
  rooms.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  const learn = { audience: API, scope: undefined, sentScope: undefined }
  await exchangeOnRecord(rooms, sampleCaller(), 'grant-1', learn)
  await t.rejects(ask(), { code: 'refresh_in_doubt' })
})

t.test('a denial names the rule on record', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => denied
  await t.rejects(issue(rooms), { code: 'access_denied' })
  t.match(rooms.audit.last, { event: 'token.denied', rule: 'r', reason: 'access_denied' })
})

t.test('who asks without a scope under a cap gets what is left', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => ({ ...allowed, scopeCap: ['repo:read', 'other'] })
  t.match(await issue(rooms), { scope: 'repo:read' })
  t.equal(rooms.questions[0]?.scope, undefined, 'the rules hear that none was asked for')
  t.same(rooms.audit.last?.scope, ['repo:read'])
  await issue(rooms, { grant: 'work', scope: 'repo:read' })
  t.same(rooms.questions.at(-1)?.scope, ['repo:read'])
  t.equal(rooms.issuers.spent.length, 1, 'it is the same token')
})

t.test('a token that cannot be narrowed is not given under a cap', async (t) => {
  for (const changes of [
    { scopeNarrowing: 'none' },
    { refreshInvalidatesAccessTokens: true },
  ] as const) {
    const rooms = await roomsWithGrant(changes)
    await issue(rooms)
    rooms.say.decide = () => ({ ...allowed, scopeCap: ['repo:read'] })
    await t.rejects(issue(rooms), { code: 'access_denied', message: /cannot be narrowed/ })
    t.equal(rooms.issuers.spent.length, 1)
    rooms.say.decide = () => ({ ...allowed, scopeCap: ['repo:read', 'repo:write'] })
    t.match(await issue(rooms), { scope: 'repo:read repo:write' })
  }
})

t.test('a token has no longer life than the rules give, and no younger age', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => ({ ...allowed, maxLifetimeSeconds: 120 })
  t.match(await issue(rooms), { expires_in: 120 })
  rooms.clock.advance(60_000)
  t.match(await issue(rooms), { access_token: 'at-2', expires_in: 60 })
  rooms.clock.advance(40_000)
  t.match(await issue(rooms), { access_token: 'at-3', expires_in: 120 }, 'a fresh one')
  rooms.say.decide = () => allowed
  t.match(await issue(rooms), { access_token: 'at-3', expires_in: 300 }, 'for others it lives on')
})

t.test('no cached token leaves while the issuer is away, where a rule says so', async (t) => {
  const rooms = await roomsWithGrant()
  await issue(rooms)
  rooms.say.decide = () => ({ ...allowed, offline: false })
  t.match(await issue(rooms), { access_token: 'at-2' }, 'the last contact was good')
  rooms.backOff.failed('grant-1', 'away', { firstSeconds: 5, mostSeconds: 5, jitter: 0 })
  await t.rejects(issue(rooms), { code: 'issuer_unreachable' })
  rooms.say.decide = () => allowed
  t.match(await issue(rooms), { access_token: 'at-2' })
  rooms.say.decide = () => ({ ...allowed, offline: false })
  rooms.clock.advance(5_000)
  t.match(await issue(rooms), { access_token: 'at-3' }, 'it is tried again')
  rooms.backOff.failed('grant-1', 'away', { firstSeconds: 5, mostSeconds: 5, jitter: 0 })
  rooms.say.decide = () => {
    rooms.say.decide = () => ({ ...allowed, offline: false })
    return allowed
  }
  await t.rejects(issue(rooms), { code: 'access_denied' }, 'a rule that came meanwhile')
})

t.test('a rate is spent before anybody is asked and anything is sent', async (t) => {
  const rooms = await roomsWithGrant()
  const rates = [{ rule: 'slow', tokens: 1, seconds: 60 }]
  rooms.say.decide = () => ({ ...allowed, consent: 'always', rates })
  await issue(rooms)
  rooms.tokens.dropGrant('grant-1')
  await t.rejects(issue(rooms), { code: 'rate_limited', retryAfterSeconds: 60 })
  t.equal(rooms.prompts.length, 1)
  t.equal(rooms.issuers.spent.length, 1)
})

t.test('what rules that are tried out would refuse is on record', async (t) => {
  const rooms = await roomsWithGrant()
  const wouldDeny = { rule: 'no', reason: 'a rule denies it' }
  rooms.say.decide = () => ({ ...allowed, wouldDeny })
  await issue(rooms)
  t.match(rooms.audit.last, { event: 'token.issued', rule: 'r', wouldDeny })
})

t.test('rules that got stricter during an exchange give nothing', async (t) => {
  for (const stricter of [
    { consent: 'always' },
    { consent: { seconds: 60 } },
    { scopeCap: ['repo:read'] },
  ] as const) {
    const rooms = await roomsWithGrant()
    rooms.say.decide = () => {
      rooms.say.decide = () => ({ ...allowed, ...stricter })
      return { ...allowed, consent: 'once' }
    }
    rooms.say.person = async () => ({
      kind: 'allowed',
      stillStands: (wish) => wish === 'once',
    })
    await t.rejects(issue(rooms), {
      code: 'access_denied',
      message: 'what was allowed has changed meanwhile; ask again',
    })
  }
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => {
    rooms.say.decide = () => allowed
    return { ...allowed, consent: 'once' }
  }
  t.match(await issue(rooms), { access_token: 'at-2' }, 'milder ones do')
})

t.test('a rate that came during an exchange holds for every token it brings', async (t) => {
  const rooms = await roomsWithGrant()
  const before = [{ rule: 'known', tokens: 2, seconds: 60 }]
  const rates = [...before, { rule: 'slow', tokens: 1, seconds: 60 }]
  rooms.say.decide = () => ({ ...allowed, rates: before })
  rooms.issuers.next(async (request) => {
    rooms.say.decide = () => ({ ...allowed, rates })
    return await rooms.issuers.rotate(request)
  })
  const [first, second] = await Promise.allSettled([issue(rooms), issue(rooms)])
  t.match(first, { value: { access_token: 'at-2' } }, 'what was counted is not counted twice')
  t.match(second, { reason: { code: 'rate_limited', retryAfterSeconds: 60 } })
  t.match(rooms.audit.last, { event: 'token.denied', reason: 'rate_limited' })
})

t.test('a token is said to live no longer than a person was told', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => {
    rooms.say.decide = () => ({ ...allowed, consent: 'once' })
    return { ...allowed, consent: 'once', maxLifetimeSeconds: 60 }
  }
  t.match(await issue(rooms), { expires_in: 60 })
  t.match(rooms.prompts, [{ lifetimeSeconds: 60 }])
})

t.test('a token that is older than a cap which came meanwhile does not leave', async (t) => {
  const rooms = await roomsWithGrant()
  await issue(rooms)
  rooms.clock.advance(100_000)
  rooms.say.decide = () => {
    rooms.say.decide = () => ({ ...allowed, maxLifetimeSeconds: 60 })
    return allowed
  }
  await t.rejects(issue(rooms), {
    code: 'access_denied',
    message: 'what was allowed has changed meanwhile; ask again',
  })
  t.match(await issue(rooms), { access_token: 'at-3', expires_in: 60 })
})

t.test('a flood is refused before anything is looked at, whatever it asks for', async (t) => {
  const rooms = await roomsWithGrant()
  const caller = sampleCaller()
  for (let i = 0; i < REQUEST_BURST; i++) {
    rooms.requestRate.spend(caller, 'grant-1')
    rooms.requestRate.spend(caller, undefined)
  }
  for (const request of [{ grant: 'work' }, { issuer: ISSUER }, { grant: 'a' }, { grant: 'b' }])
    await t.rejects(issue(rooms, request, caller), { code: 'rate_limited', retryAfterSeconds: 1 })
  t.same(rooms.steps, ['audit: peer.refused'], 'one line says it')
  rooms.clock.advance(1_000)
  t.match(await issue(rooms, { grant: 'work' }, caller), { grant: 'work' })
})

t.test(
  'lifted rules are asked about when the token leaves, and each use is on record',
  async (t) => {
    const rooms = await roomsWithGrant()
    const lift = { reason: 'fire', class: 'local', seconds: 60, rules: ['no'] } as const
    rooms.say.decide = ({ isGlassBroken }) =>
      isGlassBroken === true ? { ...allowed, lifted: ['no'] } : denied
    await t.rejects(issue(rooms), { code: 'access_denied' })
    rooms.glass.begin({ ...lift, grant: 'work', grantId: 'grant-1' })
    const relay = sampleCaller({ peer: samplePeer({ class: 'relay' }) })
    await t.rejects(issue(rooms, { grant: 'work' }, relay), { code: 'access_denied' })
    await issue(rooms)
    t.same(rooms.audit.events().slice(-2), ['break_glass.used', 'token.issued'])
    t.match(rooms.audit.last, { lifted: ['no'] })
    rooms.audit.failing = ['break_glass.used']
    await t.rejects(issue(rooms), { code: 'audit_unavailable' })
    t.match(rooms.audit.last, { event: 'token.denied' })
    rooms.audit.failing = []
    await issue(rooms)
    t.match(rooms.glass.list(), [{ used: 2 }])
  },
)

t.test('rules that hold again during an exchange hold for its token', async (t) => {
  const rooms = await roomsWithGrant()
  const lift = { reason: 'fire', class: 'local', seconds: 60, rules: ['no'] } as const
  rooms.say.decide = ({ isGlassBroken }) =>
    isGlassBroken === true ? { ...allowed, lifted: ['no'] } : denied
  rooms.glass.begin({ ...lift, grant: 'work', grantId: 'grant-1' })
  rooms.audit.whileSyncing = async ({ event }) => {
    if (event === 'grant.refreshed') rooms.glass.close('work', samplePeer())
  }
  await t.rejects(issue(rooms), { code: 'access_denied' })
  t.notOk(rooms.audit.events().includes('break_glass.used'))
})
