import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { tokenHash } from '../../../daemon/base/token-hash.ts'
import type { Grant, GrantState } from '../../../daemon/grant/grant.ts'
import { transition } from '../../../daemon/grant/transition.ts'
import type { IssuerFailure } from '../../../daemon/issuer/issuer.ts'
import { BackOff } from '../../../daemon/refresh/back-off.ts'
import type { RefreshAsk } from '../../../daemon/refresh/check-answer.ts'
import { DOUBT_SECONDS } from '../../../daemon/refresh/doubt.ts'
import type { RefreshOutcome } from '../../../daemon/refresh/outcome.ts'
import { type RefreshRooms, refreshGrant } from '../../../daemon/refresh/refresh-grant.ts'
import { deferred } from '../../fakes/deferred.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { FakeIssuers } from '../../fakes/fake-issuers.ts'
import { type FakeDisk, fakeVault } from '../../fakes/fake-vault.ts'
import { API, sampleRecord } from '../../fakes/sample-grant.ts'

const ask: RefreshAsk = { audience: API, scope: ['repo:read'], sentScope: ['repo:read'] }

interface Scene extends RefreshRooms {
  readonly clock: FakeClock
  readonly issuers: FakeIssuers
  readonly disk: FakeDisk
  readonly steps: string[]
  readonly refresh: (changes?: Partial<RefreshAsk>) => Promise<RefreshOutcome>
  readonly state: () => GrantState | undefined
  /** What runs before the intent from now on. */
  readonly announceWith: (work: () => Promise<void>) => void
}

async function scene(changes: Partial<Grant> = {}): Promise<Scene> {
  const steps: string[] = []
  const { vault, disk } = fakeVault(steps)
  const clock = new FakeClock()
  const backOff = new BackOff({ clock, random: () => 0 })
  const rooms = { clock, vault, issuers: new FakeIssuers(steps), backOff }
  let announce = async (): Promise<void> => void steps.push('announce')
  await vault.add(sampleRecord(changes))
  steps.length = 0
  return {
    ...rooms,
    disk,
    steps,
    refresh: (more) => refreshGrant(rooms, 'grant-1', { ...ask, ...more }, () => announce()),
    announceWith(work) {
      announce = work
    },
    state: () => vault.get('grant-1')?.state,
  }
}

t.test('intent durable, send, successor durable, and only then is there a token', async (t) => {
  const s = await scene()
  const outcome = await s.refresh()
  t.same(s.steps, ['announce', 'durable: refreshing 1', 'send', 'durable: active 2'])
  t.match(outcome, { kind: 'rotated', token: { value: 'at-2', generation: 2, audience: API } })
  const record = s.disk.record('grant-1')
  t.equal(record?.refreshToken?.reveal(), 'rt-2')
  t.equal(record?.previousRefreshToken?.reveal(), 'rt-1', 'the one before stays beside it')
  t.equal(record?.grant.accessTokensExpireAt, s.clock.now() + 300_000)
})

t.test('the intent names the token that is spent and the time', async (t) => {
  const s = await scene()
  s.issuers.next(async () => {
    t.same(s.disk.record('grant-1')?.grant.state, {
      kind: 'refreshing',
      intent: { tokenHash: tokenHash('rt-1'), startedAt: s.clock.now(), attempt: 1 },
    })
    return { kind: 'not_sent', reason: 'off' }
  })
  await s.refresh()
})

t.test('the request holds what was asked, and no secret of it outlives the exchange', async (t) => {
  const s = await scene()
  await s.vault.change('grant-1', (record) => ({
    ...record,
    clientSecret: Secret.fromText('client secret'),
  }))
  let seen: string | undefined
  let successor: Secret | undefined
  s.issuers.next(async (request) => {
    seen = request.client.clientSecret?.reveal()
    successor = Secret.fromText('rt-next')
    await request.keepSuccessor({ refreshToken: successor })
    return {
      kind: 'answered',
      hasSuccessor: true,
      answer: { accessToken: 'at', tokenType: 'Bearer' },
    }
  })
  t.match(await s.refresh(), { kind: 'rotated' })
  const [request] = s.issuers.requests
  t.equal(seen, 'client secret')
  t.match(request, { scope: ['repo:read'], audience: API, client: { clientId: 'client' } })
  for (const secret of [request?.refreshToken, request?.client.clientSecret, successor])
    t.throws(() => secret?.reveal(), TypeError)
  t.equal(s.disk.record('grant-1')?.grant.accessTokensExpireAt, s.clock.now() + 60_000)
})

t.test('without an audience, a scope and a client secret none is sent', async (t) => {
  const s = await scene()
  await s.refresh({ audience: undefined, sentScope: undefined })
  const [request] = s.issuers.requests
  t.notOk(request && ('scope' in request || 'audience' in request))
  t.notOk(request && 'clientSecret' in request.client)
})

t.test('an issuer that does not rotate leaves the token and the generation', async (t) => {
  const s = await scene()
  s.issuers.next((request) => s.issuers.rotate(request, { rotates: false }))
  t.match(await s.refresh(), { kind: 'unchanged', token: { generation: 1 } })
  t.same(s.steps, ['announce', 'durable: refreshing 1', 'send', 'durable: active 1'])
  t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-1')
})

t.test('whether an issuer rotates is on record, also of one that repeats its token', async (t) => {
  const s = await scene()
  const isRotating = () => s.disk.record('grant-1')?.grant.isRotating
  t.equal(isRotating(), undefined)
  await s.refresh()
  t.equal(isRotating(), true)
  s.issuers.next(async (request) => {
    await request.keepSuccessor({ refreshToken: Secret.fromText('rt-2') })
    return {
      kind: 'answered',
      hasSuccessor: true,
      answer: { accessToken: 'at', tokenType: 'Bearer', expiresInSeconds: 60 },
    }
  })
  t.match(await s.refresh(), { kind: 'rotated', token: { generation: 3 } })
  t.equal(isRotating(), false, 'the token that was sent came back')
  t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-2')
  await s.refresh()
  t.equal(isRotating(), true)
  s.issuers.next((request) => s.issuers.rotate(request, { rotates: false }))
  await s.refresh()
  t.equal(isRotating(), false, 'none came')
})

t.test('a broader token is not handed out, and its successor is kept all the same', async (t) => {
  const s = await scene()
  s.issuers.next((request) => s.issuers.rotate(request, { scope: ['repo:read', 'admin'] }))
  t.match(await s.refresh(), { kind: 'permanent', code: 'invalid_scope' })
  t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-2')
})

t.test('an answer that is repeated for somebody who asked for less is no refusal', async (t) => {
  const s = await scene()
  s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  t.match(await s.refresh(), { kind: 'in_doubt' })
  s.clock.advance(DOUBT_SECONDS * 1000)
  s.issuers.next((request) => s.issuers.rotate(request, { scope: ['repo:read', 'repo:write'] }))
  t.match(await s.refresh({ scope: ['repo:read'] }), { kind: 'transient', retryAfterSeconds: 1 })
  t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-2')
  t.match(await s.refresh({ scope: ['repo:read'] }), { kind: 'rotated' })
})

t.test('a failure after the successor was kept loses nothing', async (t) => {
  for (const failure of [
    { kind: 'in_doubt', reason: 'answer is unusable' },
    { kind: 'request_wrong', code: 'invalid_scope' },
    { kind: 'grant_dead', code: 'invalid_grant' },
  ] as const satisfies readonly IssuerFailure[]) {
    const s = await scene()
    s.issuers.next(async (request) => {
      await s.issuers.rotate(request)
      return failure
    })
    t.equal((await s.refresh()).kind, failure.kind === 'request_wrong' ? 'permanent' : 'transient')
    t.same(s.state(), { kind: 'active' }, failure.kind)
    t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-2')
  }
})

t.test('a lost answer is asked for exactly once more, and then only a login helps', async (t) => {
  const s = await scene()
  const lost = { kind: 'in_doubt', reason: 'connection lost' } as const
  s.issuers.next(lost)
  t.match(await s.refresh(), { kind: 'in_doubt' })
  t.match(await s.refresh(), { kind: 'in_doubt', retryAfterSeconds: DOUBT_SECONDS })
  t.same(s.issuers.spent, ['rt-1'], 'nobody hurries the retry')
  s.clock.advance(DOUBT_SECONDS * 1000 - 1500)
  t.match(await s.refresh(), { kind: 'in_doubt', retryAfterSeconds: 2 })
  s.clock.advance(1500)
  s.issuers.next(lost)
  t.match(await s.refresh(), { kind: 'in_doubt' })
  t.same(s.issuers.spent, ['rt-1', 'rt-1'])
  for (const later of [0, 60_000, 86_400_000]) {
    s.clock.advance(later)
    t.match(await s.refresh(), { kind: 'permanent', code: 'login_required' })
  }
  t.equal(s.issuers.spent.length, 2)
})

t.test('a retry that is answered heals the grant', async (t) => {
  const s = await scene()
  s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  await s.refresh()
  s.clock.advance(DOUBT_SECONDS * 1000)
  t.match(await s.refresh(), { kind: 'rotated' })
  t.same(s.state(), { kind: 'active' })
})

t.test('a retry that was never sent is still to be had', async (t) => {
  const s = await scene()
  s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  await s.refresh()
  s.clock.advance(DOUBT_SECONDS * 1000)
  for (let i = 0; i < 5; i++) {
    s.clock.advance(15_000)
    s.issuers.next({ kind: 'not_sent', reason: 'ECONNREFUSED' })
    t.match(await s.refresh(), { kind: 'transient' })
  }
  t.match(await s.refresh(), { kind: 'transient', retryAfterSeconds: 15 })
  s.clock.advance(15_000)
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('a clock that was set back does not keep a grant in doubt', async (t) => {
  const s = await scene()
  s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  await s.refresh()
  s.clock.jump(-86_400_000)
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('an intent that was left behind never wedges a grant', async (t) => {
  const s = await scene()
  const intent = { tokenHash: tokenHash('rt-1'), startedAt: s.clock.now(), attempt: 1 }
  await s.vault.change('grant-1', (record) => ({
    ...record,
    grant: { ...record.grant, state: { kind: 'refreshing', intent } },
  }))
  t.match(await s.refresh(), { kind: 'in_doubt' })
  s.clock.advance(DOUBT_SECONDS * 1000)
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('what stands in the way of an exchange is told, and nothing is sent', async (t) => {
  const cases: readonly [GrantState, object][] = [
    [{ kind: 'revoked', at: 1, revocation: 'queued' }, { kind: 'superseded' }],
    [
      { kind: 'login_required', reason: 'it is over' },
      { kind: 'permanent', code: 'login_required', detail: 'it is over' },
    ],
  ]
  for (const [state, outcome] of cases) {
    const s = await scene({ state })
    t.same(await s.refresh(), outcome)
    t.same(s.steps, [])
  }
  const s = await scene()
  t.same(await refreshGrant(s, 'gone', ask, async () => undefined), { kind: 'superseded' })
})

t.test('a revocation that was first in turn stands in the way', async (t) => {
  const s = await scene()
  const gate = deferred()
  s.disk.beforeWrite = () => gate.promise
  const revoking = s.vault.change('grant-1', (record) => ({
    ...record,
    grant: transition(record.grant, { kind: 'revoked', at: 1, revocation: 'queued' }),
  }))
  const refreshing = s.refresh()
  gate.resolve()
  await revoking
  t.same(await refreshing, { kind: 'superseded' })
  t.notOk(s.steps.includes('send'))
})

t.test(
  'a grant revoked during its exchange hands out nothing and keeps the newest token',
  async (t) => {
    const s = await scene()
    s.issuers.next(async (request) => {
      await s.vault.change('grant-1', (record) => ({
        ...record,
        grant: transition(record.grant, { kind: 'revoked', at: 1, revocation: 'queued' }),
      }))
      return await s.issuers.rotate(request)
    })
    t.same(await s.refresh(), { kind: 'superseded' })
    t.match(s.state(), { kind: 'revoked', revocation: 'queued' })
    t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-2')
  },
)

t.test('a grant revoked during an exchange that fails is over, not out of reach', async (t) => {
  for (const failure of [
    { kind: 'in_doubt', reason: 'connection lost' },
    { kind: 'unusable', reason: 'status 502' },
    { kind: 'grant_dead', code: 'invalid_grant' },
  ] as const satisfies readonly IssuerFailure[]) {
    const s = await scene()
    s.issuers.next(async () => {
      await s.vault.change('grant-1', (record) => ({
        ...record,
        grant: transition(record.grant, { kind: 'revoked', at: 1, revocation: 'queued' }),
      }))
      return failure
    })
    t.same(await s.refresh(), { kind: 'superseded' }, failure.kind)
  }
})

t.test('a grant removed during its exchange hands out nothing', async (t) => {
  const s = await scene()
  s.issuers.next(async () => {
    await s.vault.remove('grant-1')
    return { kind: 'not_sent', reason: 'off' }
  })
  t.same(await s.refresh(), { kind: 'superseded' })
  s.issuers.next({ kind: 'not_sent', reason: 'off' })
  t.same(await s.refresh(), { kind: 'superseded' })
})

/** A page of somebody who is not the token endpoint. */
const PAGE = { kind: 'unusable', reason: 'answer is not JSON' } as const

t.test(
  'no number of pages in the way ends a grant, and they are not asked for often',
  async (t) => {
    const s = await scene()
    for (const seconds of [5, 10, 20, 40, 80, 160, 300, 300]) {
      s.issuers.next(PAGE)
      t.match(await s.refresh(), { kind: 'transient', retryAfterSeconds: seconds })
      t.same(s.state(), { kind: 'active' })
      const { length } = s.issuers.spent
      s.clock.advance(seconds * 1000 - 1500)
      t.same(await s.refresh(), { kind: 'transient', detail: PAGE.reason, retryAfterSeconds: 2 })
      t.equal(s.issuers.spent.length, length, 'nothing is sent before the pause is over')
      s.clock.advance(1500)
    }
    t.match(await s.refresh(), { kind: 'rotated' })
    s.issuers.next(PAGE)
    t.match(await s.refresh(), { retryAfterSeconds: 5 }, 'an answer ends the pauses')
  },
)

t.test('a page costs a grant in doubt nothing, neither its retry nor more time', async (t) => {
  const s = await scene()
  s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  await s.refresh()
  s.clock.advance(DOUBT_SECONDS * 1000)
  for (const seconds of [5, 10, 20]) {
    s.issuers.next(PAGE)
    t.match(await s.refresh(), { kind: 'transient', retryAfterSeconds: seconds })
    t.match(s.state(), { kind: 'in_doubt', intent: { attempt: 1 } })
    s.clock.advance(seconds * 1000)
  }
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('an issuer that names a time is not asked before', async (t) => {
  const s = await scene()
  s.issuers.next({ kind: 'retry_later', retryAfterSeconds: 120 })
  t.match(await s.refresh(), { kind: 'transient', retryAfterSeconds: 120 })
  s.clock.advance(119_000)
  t.match(await s.refresh(), { kind: 'transient', retryAfterSeconds: 1 })
  t.equal(s.issuers.spent.length, 1)
  s.clock.advance(1_000)
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('an issuer that refuses every request is not asked as fast as callers like', async (t) => {
  const s = await scene()
  const refused = {
    kind: 'permanent',
    code: 'issuer_rejected',
    detail: 'the issuer answered "other"',
  }
  for (const seconds of [0, 5, 10, 20]) {
    s.issuers.next({ kind: 'request_wrong', code: 'other' })
    t.same(await s.refresh(), refused)
    const { length } = s.issuers.spent
    if (seconds > 0) t.same(await s.refresh(), refused)
    t.equal(s.issuers.spent.length, length, 'nothing is sent before the pause is over')
    t.match(await s.refresh({ audience: 'https://other.example' }), { kind: 'rotated' })
    s.clock.advance(seconds * 1000)
  }
  t.match(await s.refresh(), { kind: 'rotated' })
  s.issuers.next({ kind: 'request_wrong', code: 'other' })
  t.same(await s.refresh(), refused)
  t.match(await s.refresh(), { kind: 'rotated' }, 'an answer ends the pauses')
  for (let i = 0; i < 3; i++) {
    s.issuers.next({ kind: 'request_wrong', code: 'invalid_scope' })
    t.match(await s.refresh(), { code: 'invalid_scope' }, 'one scope is not the next')
  }
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('who comes online is served within seconds', async (t) => {
  const s = await scene()
  for (const seconds of [1, 2, 4, 8, 15, 15]) {
    s.issuers.next({ kind: 'not_sent', reason: 'ENOTFOUND' })
    t.match(await s.refresh(), { kind: 'transient', retryAfterSeconds: seconds })
    s.clock.advance(seconds * 1000)
  }
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('what cannot be announced is not sent, and costs the grant nothing', async (t) => {
  const s = await scene()
  s.announceWith(async () => {
    throw new GrantdError('audit_unavailable', 'full')
  })
  await t.rejects(s.refresh(), { code: 'audit_unavailable' })
  t.same(s.steps, [])
  t.same(s.state(), { kind: 'active' })
})

t.test('what stands in the way is not announced', async (t) => {
  const s = await scene()
  s.issuers.next(PAGE)
  await s.refresh()
  s.steps.length = 0
  await s.refresh()
  t.same(s.steps, [])
})

t.test('a disk that fails before the intent is written undoes no other one', async (t) => {
  const s = await scene()
  const intent = { tokenHash: 'x', startedAt: 1, attempt: 2 }
  s.announceWith(async () => {
    await s.vault.change('grant-1', (record) => ({
      ...record,
      grant: { ...record.grant, state: { kind: 'revoked', at: 1, revocation: 'queued', intent } },
    }))
    s.disk.failing = 1
  })
  await t.rejects(s.refresh(), { code: 'vault_locked' })
  t.match(s.state(), { kind: 'revoked', intent: { attempt: 2 } })
})

t.test('an old answer never buries a newer generation', async (t) => {
  const s = await scene()
  s.issuers.next(async () => {
    await s.vault.change('grant-1', () => sampleRecord({ generation: 5 }, 'rt-5'))
    return { kind: 'grant_dead', code: 'invalid_grant' }
  })
  await s.refresh()
  t.match(s.vault.get('grant-1'), { generation: 5, state: { kind: 'active' } })
  t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-5')
})

t.test('a rotation of a generation that is over is a mistake, not an answer', async (t) => {
  const s = await scene()
  s.issuers.next(async (request) => {
    await s.vault.change('grant-1', () => sampleRecord({ generation: 5 }, 'rt-5'))
    return await s.issuers.rotate(request)
  })
  await t.rejects(s.refresh(), { message: 'a rotation of a generation that is over' })
  t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-5')
})

t.test('an active grant without a refresh token is a mistake, and nothing is sent', async (t) => {
  const s = await scene()
  await s.vault.change('grant-1', ({ grant }) => ({ grant }))
  await t.rejects(s.refresh(), TypeError)
  t.same(s.issuers.spent, [])
})

t.test('a disk that fails before the intent is durable sends nothing', async (t) => {
  const s = await scene()
  s.disk.failing = 1
  await t.rejects(s.refresh(), { code: 'vault_locked' })
  t.same(s.issuers.spent, [])
  t.same(s.state(), { kind: 'active' }, 'what was never sent is no attempt')
  t.match(await s.refresh(), { kind: 'rotated' }, 'and the next caller does not wait')
})

t.test(
  'a disk that fails when the successor comes hands out nothing and loses nothing',
  async (t) => {
    const s = await scene()
    s.issuers.next(async (request) => {
      s.disk.failing = 1
      return await s.issuers.rotate(request)
    })
    await t.rejects(s.refresh(), { code: 'vault_locked' })
    t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-1', 'the disk has the old one')
    t.equal(s.vault.open('grant-1').refreshToken?.reveal(), 'rt-2', 'memory has the new one')
    s.steps.length = 0
    t.match(await s.refresh(), { kind: 'rotated', token: { generation: 3 } })
    t.same(s.issuers.spent, ['rt-1', 'rt-2'])
    t.same(s.steps.slice(0, 2), ['announce', 'durable: refreshing 2'], 'written before it is spent')
  },
)

t.test('a disk that stays full for hours kills no grant', async (t) => {
  const s = await scene()
  s.issuers.next(async (request) => {
    s.disk.failing = 100
    return await s.issuers.rotate(request)
  })
  for (let i = 0; i < 5; i++) {
    s.clock.advance(60_000)
    await t.rejects(s.refresh(), { code: 'vault_locked' })
  }
  t.same(s.issuers.spent, ['rt-1'])
  s.disk.failing = 0
  t.match(await s.refresh(), { kind: 'rotated' })
  t.same(s.issuers.spent, ['rt-1', 'rt-2'])
})

t.test('a disk that fails after an answer without a successor hands out nothing', async (t) => {
  const s = await scene()
  s.issuers.next(async (request) => {
    s.disk.failing = 1
    return await s.issuers.rotate(request, { rotates: false })
  })
  await t.rejects(s.refresh(), { code: 'vault_locked' })
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('a disk that fails after a refusal tells so, and the grant is not wedged', async (t) => {
  const s = await scene()
  s.issuers.next(async () => {
    s.disk.failing = 1
    return { kind: 'client_broken', code: 'invalid_client' }
  })
  await t.rejects(s.refresh(), { code: 'vault_locked' })
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test('whatever breaks after the intent leaves a doubt, not a wedge', async (t) => {
  const s = await scene()
  s.issuers.next(async () => {
    throw new Error('a mistake')
  })
  await t.rejects(s.refresh(), { message: 'a mistake' })
  t.match(s.state(), { kind: 'in_doubt', intent: { attempt: 1 } })
})

t.test('what keeping the successor threw is what the caller gets', async (t) => {
  const s = await scene()
  const thrown = new GrantdError('vault_locked', 'no')
  s.issuers.next(async (request) => {
    const keepSuccessor = async (): Promise<never> => {
      throw thrown
    }
    return await s.issuers.rotate({ ...request, keepSuccessor })
  })
  t.equal(await s.refresh().catch((error: unknown) => error), thrown)
})

t.test('inside a known grace window the retry comes early, after a crash too', async (t) => {
  for (const crashes of [false, true]) {
    const s = await scene({ rotationGraceSeconds: 20 })
    if (crashes) {
      const intent = { tokenHash: tokenHash('rt-1'), startedAt: s.clock.now(), attempt: 1 }
      await s.vault.change('grant-1', (record) => ({
        ...record,
        grant: { ...record.grant, state: { kind: 'refreshing', intent } },
      }))
    } else {
      s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
      t.match(await s.refresh(), { kind: 'in_doubt', retryAfterSeconds: 10 })
    }
    const before = s.issuers.spent.length
    s.clock.advance(9_999)
    t.match(await s.refresh(), { kind: 'in_doubt', retryAfterSeconds: 1 })
    t.equal(s.issuers.spent.length, before, 'nobody hurries the retry')
    s.clock.advance(1)
    s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
    t.match(await s.refresh(), { kind: 'in_doubt' })
    t.equal(s.issuers.spent.length, before + 1)
    for (const later of [0, 1_000, 20_000, 86_400_000]) {
      s.clock.advance(later)
      t.match(await s.refresh(), { kind: 'permanent', code: 'login_required' })
    }
    t.equal(s.issuers.spent.length, before + 1, 'there is never a third attempt')
  }
})

t.test('past its grace window a token has its one retry all the same', async (t) => {
  const s = await scene({ rotationGraceSeconds: 20 })
  s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  await s.refresh()
  s.clock.advance(3_600_000)
  t.match(await s.refresh(), { kind: 'rotated' })
  t.same(s.issuers.spent, ['rt-1', 'rt-1'])
})

t.test('a client its issuer does not know stops all its grants, and costs none', async (t) => {
  const s = await scene()
  await s.vault.add(sampleRecord({ id: 'grant-2', name: 'home' }, 'rt-home'))
  await s.vault.add(sampleRecord({ id: 'grant-3', name: 'else', clientId: 'other' }, 'rt-else'))
  const refresh = (id: string) => refreshGrant(s, id, ask, async () => undefined)
  const refused = { kind: 'permanent', code: 'issuer_rejected', detail: /"invalid_client"/ }
  for (const seconds of [60, 120, 240]) {
    s.issuers.next({ kind: 'client_broken', code: 'invalid_client' })
    t.match(await refresh('grant-1'), refused)
    const sent = s.issuers.spent.length
    for (let i = 0; i < 3; i++)
      for (const id of ['grant-1', 'grant-2']) t.match(await refresh(id), refused)
    s.clock.advance(seconds * 1000 - 1)
    t.match(await refresh('grant-2'), refused, 'the pause grows')
    t.equal(s.issuers.spent.length, sent, 'nothing is sent meanwhile')
    s.clock.advance(1)
  }
  t.match(await refresh('grant-3'), { kind: 'rotated' }, 'another client goes on')
  for (const id of ['grant-1', 'grant-2']) {
    t.same(s.vault.get(id)?.state, { kind: 'active' })
    t.ok(s.vault.open(id).refreshToken, 'the refresh token is kept')
    t.match(await refresh(id), { kind: 'rotated' })
  }
})

t.test('a client with a new secret is not held up by a grant that has the old one', async (t) => {
  const s = await scene()
  const clientSecret = Secret.fromText('new')
  await s.vault.add({ ...sampleRecord({ id: 'grant-2', name: 'home' }), clientSecret })
  s.issuers.next({ kind: 'client_broken', code: 'invalid_client' })
  await s.refresh()
  const other = await refreshGrant(s, 'grant-2', ask, async () => undefined)
  t.match(other, { kind: 'rotated' })
})

t.test('refusals without a word make a grant suspect, which recovers by itself', async (t) => {
  const s = await scene()
  const bare = { kind: 'refused_bare', reason: 'status 400, no reason' } as const
  for (const seconds of [30, 60]) {
    s.issuers.next(bare)
    t.match(await s.refresh(), { kind: 'transient', retryAfterSeconds: seconds })
    t.match(await s.refresh(), { kind: 'transient', retryAfterSeconds: seconds })
    s.clock.advance(seconds * 1000)
  }
  const suspect = { kind: 'permanent', code: 'login_required', detail: /3 times without/ }
  s.issuers.next(bare)
  t.match(await s.refresh(), suspect)
  t.match(await s.refresh(), suspect)
  t.equal(s.issuers.spent.length, 3)
  t.same(s.state(), { kind: 'active' })
  t.equal(s.disk.record('grant-1')?.refreshToken?.reveal(), 'rt-1', 'the token is kept')
  t.equal(s.disk.record('grant-1')?.grant.bareRefusals, 3, 'after a restart it is known too')
  s.clock.advance(120_000)
  t.match(await s.refresh(), { kind: 'rotated' })
  t.notOk('bareRefusals' in (s.disk.record('grant-1')?.grant ?? {}))
})

t.test('a retry of a lost answer that is refused without a word was the last one', async (t) => {
  const s = await scene()
  s.issuers.next({ kind: 'in_doubt', reason: 'connection lost' })
  await s.refresh()
  s.clock.advance(DOUBT_SECONDS * 1000)
  s.issuers.next({ kind: 'refused_bare', reason: 'status 400, no reason' })
  const over = { kind: 'permanent', code: 'login_required', detail: /two answers/ }
  t.match(await s.refresh(), over)
  s.clock.advance(86_400_000)
  t.match(await s.refresh(), over)
  t.equal(s.issuers.spent.length, 2)
})

t.test('a certificate that nobody vouches for is not asked for again and again', async (t) => {
  const s = await scene()
  for (const seconds of [30, 60, 120, 240, 480, 900, 900]) {
    s.issuers.next({ kind: 'untrusted', reason: 'certificate not trusted' })
    const told = {
      kind: 'transient',
      detail: 'certificate not trusted',
      retryAfterSeconds: seconds,
    }
    t.same(await s.refresh(), told)
    t.same(await s.refresh(), told)
    s.clock.advance(seconds * 1000)
  }
  t.equal(s.issuers.spent.length, 7)
  t.match(await s.refresh(), { kind: 'rotated' })
})

t.test(
  'the life of a token that its answer did not state is on record once it is known',
  async (t) => {
    const s = await scene()
    s.issuers.next(async (request) => {
      await request.keepSuccessor({ refreshToken: Secret.fromText('rt-2') })
      const answer = { accessToken: 'jwt', tokenType: 'Bearer', expiresInSeconds: 900 } as const
      return { kind: 'answered', hasSuccessor: true, answer }
    })
    t.match(await s.refresh(), { kind: 'rotated', token: { lifetimeSeconds: 900 } })
    t.equal(s.disk.record('grant-1')?.grant.accessTokensExpireAt, s.clock.now() + 900_000)
  },
)
