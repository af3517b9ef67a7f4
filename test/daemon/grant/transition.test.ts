import fc from 'fast-check'
import t from 'tap'
import type { Grant, GrantState, RefreshIntent } from '../../../daemon/grant/grant.ts'
import {
  type GrantEvent,
  MAX_ATTEMPTS,
  TransitionError,
  transition,
} from '../../../daemon/grant/transition.ts'
import { granted } from '../../fakes/granted.ts'

const begun: GrantEvent = { kind: 'exchange_begun', tokenHash: 'new', at: 100 }
const rotated: GrantEvent = { kind: 'rotated', generation: 1, at: 200, accessTokenExpiresAt: 500 }
const answered: GrantEvent = { kind: 'answered', generation: 1, at: 200, accessTokenExpiresAt: 500 }
const revoked: GrantEvent = { kind: 'revoked', at: 300, revocation: 'queued' }
const died: GrantEvent = { kind: 'died', generation: 1, reason: 'refused' }

function intent(attempt: number, tokenHash = 'old', startedAt = 50): RefreshIntent {
  return { tokenHash, startedAt, attempt }
}

const ACTIVE: GrantState = { kind: 'active' }
const REFRESHING: GrantState = { kind: 'refreshing', intent: intent(1) }
const RETRYING: GrantState = { kind: 'refreshing', intent: intent(2) }
const IN_DOUBT: GrantState = { kind: 'in_doubt', intent: intent(1) }
const LOST_TWICE: GrantState = { kind: 'in_doubt', intent: intent(2) }
const DEAD: GrantState = { kind: 'login_required', reason: 'before' }
const QUEUED: GrantState = { kind: 'revoked', at: 10, revocation: 'queued' }
const REVOKED: GrantState = { kind: 'revoked', at: 10, revocation: 'revoked_at_issuer' }
const DIED: GrantState = { kind: 'login_required', reason: 'refused' }
const NO = undefined

const STATES = [ACTIVE, REFRESHING, RETRYING, IN_DOUBT, LOST_TWICE, DEAD, QUEUED, REVOKED] as const

t.test('the whole table: every event in every state', async (t) => {
  const now: GrantState = { kind: 'revoked', at: 300, revocation: 'queued' }
  const first: GrantState = { kind: 'refreshing', intent: intent(1, 'new', 100) }
  const second: GrantState = { kind: 'refreshing', intent: intent(2, 'new') }
  const lost = (attempt: number): GrantState => ({ ...now, intent: intent(attempt) })
  const table: readonly (readonly [GrantEvent, readonly (GrantState | undefined)[]])[] = [
    [begun, [first, NO, NO, second, NO, NO, NO, NO]],
    [{ kind: 'not_sent', generation: 1 }, [ACTIVE, ACTIVE, IN_DOUBT, NO, NO, NO, QUEUED, REVOKED]],
    [{ kind: 'refused', generation: 1 }, [ACTIVE, ACTIVE, IN_DOUBT, NO, NO, NO, QUEUED, REVOKED]],
    [
      { kind: 'refused_bare', generation: 1 },
      [ACTIVE, ACTIVE, LOST_TWICE, NO, NO, NO, QUEUED, REVOKED],
    ],
    [
      { kind: 'answer_lost', generation: 1 },
      [ACTIVE, IN_DOUBT, LOST_TWICE, NO, NO, NO, QUEUED, REVOKED],
    ],
    [rotated, [NO, ACTIVE, ACTIVE, NO, NO, NO, QUEUED, REVOKED]],
    [answered, [NO, ACTIVE, ACTIVE, NO, NO, NO, QUEUED, REVOKED]],
    [died, [DIED, DIED, DIED, DIED, DIED, DIED, QUEUED, REVOKED]],
    [revoked, [now, lost(1), lost(2), lost(1), lost(2), now, QUEUED, REVOKED]],
  ]
  for (const [event, results] of table)
    for (const [i, expected] of results.entries()) {
      const grant = granted({ state: STATES[i] ?? ACTIVE })
      const what = `${event.kind} while ${JSON.stringify(STATES[i])}`
      if (expected === undefined)
        t.throws(() => transition(grant, event), { name: 'TransitionError' }, what)
      else t.same(transition(grant, event).state, expected, what)
    }
})

t.test('a revoked grant remembers an exchange without an answer until it comes', async (t) => {
  const kept = (attempt?: number): GrantState => ({
    ...QUEUED,
    ...(attempt !== undefined && { intent: intent(attempt) }),
  })
  const table: readonly (readonly [GrantEvent, once: GrantState, twice: GrantState])[] = [
    [{ kind: 'not_sent', generation: 1 }, kept(), kept(1)],
    [{ kind: 'refused', generation: 1 }, kept(), kept(1)],
    [{ kind: 'answer_lost', generation: 1 }, kept(1), kept(2)],
    [rotated, kept(), kept()],
    [answered, kept(), kept()],
    [died, kept(), kept(1)],
    [revoked, kept(1), kept(2)],
  ]
  for (const [event, once, twice] of table) {
    t.same(transition(granted({ state: kept(1) }), event).state, once, event.kind)
    t.same(transition(granted({ state: kept(2) }), event).state, twice, `${event.kind}, a retry`)
  }
  const settled: GrantState = { ...QUEUED, revocation: 'uncertain', intent: intent(2) }
  for (const [event] of table)
    t.same(transition(granted({ state: settled }), event).state, settled, 'what was told stays')
})

t.test('a queued revocation gets somewhere, and keeps its time', async (t) => {
  for (const revocation of [
    'revoked_at_issuer',
    'unsupported',
    'uncertain',
    'queued',
    'none',
  ] as const)
    t.same(transition(granted({ state: QUEUED }), { kind: 'revoked', at: 999, revocation }).state, {
      kind: 'revoked',
      at: 10,
      revocation,
    })
})

t.test('a grant that the daemon ended by itself says why', async (t) => {
  const ended = transition(granted(), { ...revoked, reason: 'older than 1d' })
  t.match(ended.state, { kind: 'revoked', reason: 'older than 1d' })
  const told: GrantEvent = { kind: 'revoked', at: 999, revocation: 'revoked_at_issuer' }
  t.match(transition(ended, told).state, { revocation: told.revocation, reason: 'older than 1d' })
})

t.test('an answer moves the times on, and a rotation the generation', async (t) => {
  const grant = granted({ state: REFRESHING, generation: 4, accessTokensExpireAt: 400 })
  const rotated4: GrantEvent = { ...rotated, generation: 4 }
  const answered4: GrantEvent = { ...answered, generation: 4 }
  const times = { lastRefreshedAt: 200, accessTokensExpireAt: 500 }
  t.match(transition(grant, rotated4), { ...times, generation: 5 })
  t.match(transition(grant, answered4), { ...times, generation: 4, isRotating: false })
  t.equal(transition(grant, rotated4).isRotating, true)
  t.equal(transition(grant, { ...rotated4, isSameToken: true }).isRotating, false)
  const longer = granted({ state: REFRESHING, accessTokensExpireAt: 900 })
  t.equal(transition(longer, answered).accessTokensExpireAt, 900, 'the longest token counts')
  const gone = granted({ state: QUEUED, generation: 4 })
  const ends = granted({ ...grant, refreshInvalidatesAccessTokens: true })
  t.match(transition(ends, answered4), { generation: 5 }, 'earlier access tokens are over')
  t.match(transition(gone, rotated4), { generation: 5, state: QUEUED }, 'a late successor counts')
})

t.test('the error names the state, and is no answer to a client', async (t) => {
  t.throws(() => transition(granted({ state: DEAD }), begun), {
    message: 'no exchange can begin while "login_required"',
  })
  t.ok(new TransitionError('x') instanceof Error)
})

t.test('refusals without a word are counted until an answer comes', async (t) => {
  const bare: GrantEvent = { kind: 'refused_bare', generation: 1 }
  let grant = granted()
  for (const bareRefusals of [1, 2, 3]) {
    grant = transition(transition(grant, begun), bare)
    t.match(grant, { state: ACTIVE, bareRefusals })
  }
  const other = transition(transition(grant, begun), { kind: 'not_sent', generation: 1 })
  t.equal(other.bareRefusals, 3, 'what was not sent says nothing')
  for (const event of [rotated, answered])
    t.notOk('bareRefusals' in transition(transition(grant, begun), event), event.kind)
})

t.test('late news of an older generation changes nothing', async (t) => {
  const older: readonly GrantEvent[] = [
    { kind: 'not_sent', generation: 1 },
    { kind: 'refused', generation: 1 },
    { kind: 'refused_bare', generation: 1 },
    { kind: 'answer_lost', generation: 1 },
    answered,
    died,
  ]
  for (const state of STATES) {
    const grant = granted({ state, generation: 2 })
    for (const event of older)
      t.equal(transition(grant, event), grant, `${event.kind} while ${JSON.stringify(state)}`)
    t.throws(() => transition(grant, rotated), {
      message: 'a rotation of a generation that is over',
    })
  }
})

const generation = fc.integer({ min: 1, max: 4 })

/** Any event at all, of any generation: most are news of one that is over or never was. */
const event: fc.Arbitrary<GrantEvent> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(begun) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'answer_lost' as const,
        'answer_lost' as const,
        'not_sent' as const,
        'refused' as const,
        'refused_bare' as const,
      ),
      generation,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('rotated' as const, 'answered' as const),
      generation,
      at: fc.nat(),
      accessTokenExpiresAt: fc.nat(),
    }),
  },
  fc.record({ kind: fc.constant('died' as const), generation, reason: fc.constant('refused') }),
  fc.record({
    kind: fc.constant('revoked' as const),
    at: fc.nat(),
    revocation: fc.constantFrom('none', 'queued', 'revoked_at_issuer', 'unsupported'),
  }),
)

interface Step {
  readonly before: Grant
  readonly event: GrantEvent
  /** The grant before when the event was refused. */
  readonly after: Grant
  readonly isRefused: boolean
}

/** Lives through the events; what does not fit the state changes nothing. */
function live(events: readonly GrantEvent[]): readonly Step[] {
  let grant = granted()
  return events.map((event) => {
    const before = grant
    try {
      grant = Object.freeze(transition(before, event))
      return { before, event, after: grant, isRefused: false }
    } catch (error) {
      if (!(error instanceof TransitionError)) throw error
      return { before, event, after: before, isRefused: true }
    }
  })
}

t.test('the laws of a grant hold in every life', async () => {
  const laws: Readonly<Record<string, (step: Step) => boolean>> = {
    'revoked stays revoked': ({ before, after }) =>
      before.state.kind !== 'revoked' || after.state.kind === 'revoked',
    'a settled revocation stays settled': ({ before, after }) =>
      before.state.kind !== 'revoked' ||
      before.state.revocation === 'queued' ||
      JSON.stringify(before.state) === JSON.stringify(after.state),
    'a generation never decreases': ({ before, event, after, isRefused }) =>
      after.generation === before.generation + (event.kind === 'rotated' && !isRefused ? 1 : 0),
    'an end of another generation neither overwrites, deletes nor doubts this one': ({
      before,
      event,
      after,
    }) =>
      !('generation' in event) ||
      event.generation === before.generation ||
      JSON.stringify(before) === JSON.stringify(after),
    'an attempt is 1 or 2': ({ after }) =>
      !('intent' in after.state) ||
      after.state.intent === undefined ||
      (after.state.intent.attempt >= 1 && after.state.intent.attempt <= MAX_ATTEMPTS),
    'an exchange begins only on a grant that lives': ({ before, event, isRefused }) =>
      event.kind !== 'exchange_begun' ||
      isRefused ||
      before.state.kind === 'active' ||
      before.state.kind === 'in_doubt',
    'a dead grant lives no more': ({ before, after }) =>
      before.state.kind !== 'login_required' ||
      after.state.kind === 'login_required' ||
      after.state.kind === 'revoked',
    'no token outlives what is on record': ({ before, after }) =>
      after.accessTokensExpireAt >= before.accessTokensExpireAt,
    'who it is never changes': ({ before, after }) =>
      JSON.stringify([before.id, before.name, before.scopes, before.metadata]) ===
      JSON.stringify([after.id, after.name, after.scopes, after.metadata]),
  }
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      for (const step of live(events))
        for (const [law, holds] of Object.entries(laws))
          if (!holds(step)) throw new Error(`${law}: ${JSON.stringify(step)}`)
    }),
    { numRuns: 500 },
  )
})

t.test('one refresh token is at most twice on its way without a known end', async () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let sent = 0
      for (const { event, isRefused, before, after } of live(events)) {
        if (isRefused || after === before) continue
        if (event.kind === 'exchange_begun') sent += 1
        // nothing was spent: this attempt did not count
        const isUndone = before.state.kind === 'refreshing' && event.kind !== 'revoked'
        if (isUndone && (event.kind === 'not_sent' || event.kind === 'refused')) sent -= 1
        if (isUndone && event.kind === 'refused_bare' && after.state.kind === 'active') sent -= 1
        if (event.kind === 'answered' || event.kind === 'rotated') sent = 0
        if (sent > MAX_ATTEMPTS) throw new Error(JSON.stringify(events))
      }
    }),
    { numRuns: 2_000 },
  )
})

t.test('one refresh token loses at most two answers', async () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let lost = 0
      for (const step of live(events)) {
        if (step.isRefused || step.after === step.before) continue
        // a good answer proves the token, a rotation brings another one
        if (step.event.kind === 'answered' || step.event.kind === 'rotated') lost = 0
        if (step.event.kind === 'answer_lost' && step.after.state.kind === 'in_doubt') lost += 1
        if (lost > MAX_ATTEMPTS) throw new Error(JSON.stringify(events))
      }
    }),
    { numRuns: 500 },
  )
})
