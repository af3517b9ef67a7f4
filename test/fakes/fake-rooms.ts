import { SteadyClock } from '../../daemon/base/steady-clock.ts'
import { BrokenGlass } from '../../daemon/broker/broken-glass.ts'
import { IdleTime } from '../../daemon/broker/idle-time.ts'
import { RefusalRecord } from '../../daemon/broker/record-refusal.ts'
import { RejectedFloor } from '../../daemon/broker/rejected-floor.ts'
import { RequestRate } from '../../daemon/broker/request-rate.ts'
import type { Caller, Rooms } from '../../daemon/broker/rooms.ts'
import { NO_RULES } from '../../daemon/config/config-files.ts'
import type { Lifetime } from '../../daemon/config/lifetime.ts'
import type { ConsentWish } from '../../daemon/consent/choice.ts'
import type { ConsentAnswer, ConsentQuestion } from '../../daemon/consent/consent.ts'
import type { Grant } from '../../daemon/grant/grant.ts'
import type { QuestionOfNow } from '../../daemon/policy/current-policy.ts'
import { decide, explain } from '../../daemon/policy/decide.ts'
import type { Decision } from '../../daemon/policy/decision.ts'
import type { LocalTime } from '../../daemon/policy/local-time.ts'
import { RateBuckets } from '../../daemon/policy/rate-buckets.ts'
import { BackOff } from '../../daemon/refresh/back-off.ts'
import { Flights } from '../../daemon/refresh/flights.ts'
import type { RefreshOutcome } from '../../daemon/refresh/outcome.ts'
import { Renewals } from '../../daemon/token/renewals.ts'
import { TokenCache } from '../../daemon/token/token-cache.ts'
import type { Vault } from '../../daemon/vault/vault.ts'
import { BUILT_IN } from './built-in-presets.ts'
import { FakeAudit } from './fake-audit.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeIssuers } from './fake-issuers.ts'
import { type FakeDisk, fakeVault } from './fake-vault.ts'
import { sampleInquiry } from './local-peer.ts'
import { samplePeer, sampleRecord } from './sample-grant.ts'

/** A time at which anybody works. */
const MONDAY_MORNING: LocalTime = { day: 'mon', minute: 600 }

/** Rooms whose every wall a test can move. */
export interface FakeRooms extends Rooms {
  readonly clock: FakeClock
  readonly issuers: FakeIssuers
  readonly glass: BrokenGlass
  readonly audit: FakeAudit
  readonly disk: FakeDisk
  /** What happened, in order. */
  readonly steps: string[]
  readonly questions: QuestionOfNow[]
  readonly prompts: ConsentQuestion[]
  /** Ids of grants whose capabilities were ended. */
  readonly endedGrants: string[]
  /** Grants of which nothing that was allowed counts any more, by id; `all` of them. */
  readonly forgotten: string[]
  /** What a test decides: policy, config, vault and the person. */
  readonly say: {
    decide: (question: QuestionOfNow) => Decision
    needsHash: boolean
    couldGive: boolean
    liftable: (grant: string, ofClass: string) => readonly string[]
    rules: unknown
    config: () => void
    lifetime: Lifetime
    vault: () => Vault
    person: (question: ConsentQuestion, wish: ConsentWish) => Promise<ConsentAnswer>
  }
}

/** Rooms with a real vault over a fake disk, a scripted issuer and the built-in policy. */
export function fakeRooms(): FakeRooms {
  const steps: string[] = []
  const questions: QuestionOfNow[] = []
  const prompts: ConsentQuestion[] = []
  const endedGrants: string[] = []
  const forgotten: string[] = []
  const clock = new FakeClock()
  const { vault, disk } = fakeVault(steps)
  const say: FakeRooms['say'] = {
    decide: (question) => decide(NO_RULES, { ...question, time: MONDAY_MORNING }),
    needsHash: false,
    couldGive: true,
    liftable: () => ['no writing'],
    rules: {},
    config: () => undefined,
    lifetime: {},
    vault: () => vault,
    person: async () => ({ kind: 'allowed', stillStands: () => true }),
  }
  const audit = new FakeAudit(steps)
  return {
    clock,
    disk,
    steps,
    questions,
    prompts,
    forgotten,
    say,
    requireConfig: () => say.config(),
    lifetimeOf: () => say.lifetime,
    steadyClock: new SteadyClock(clock),
    vault: () => say.vault(),
    policy: {
      decide(question) {
        steps.push('policy')
        questions.push(question)
        return say.decide(question)
      },
      explain: (question, time = MONDAY_MORNING) => explain(NO_RULES, { ...question, time }),
      needsHash: () => say.needsHash,
      liftable: (grant, ofClass) => say.liftable(grant, ofClass),
      couldGive: () => say.couldGive,
    },
    rates: new RateBuckets(clock),
    requestRate: new RequestRate({ clock, refusals: new RefusalRecord({ audit, clock }) }),
    consent: {
      async ask(question, wish) {
        prompts.push(question)
        return await say.person(question, wish)
      },
      forgetGrant: (id) => void forgotten.push(id),
      forgetAll: () => void forgotten.push('all'),
    },
    tokens: new TokenCache({ clock, maxTokens: 100 }),
    flights: new Flights<RefreshOutcome>({ maxWaiting: 64 }),
    backOff: new BackOff({ clock, random: () => 0 }),
    endings: new Map(),
    random: () => 0,
    rejectedFloor: new RejectedFloor(),
    uses: new Map(),
    usedBy: new Map(),
    renewals: new Renewals({ clock, random: () => 0.5, most: 100 }),
    idle: new IdleTime(clock),
    issuers: new FakeIssuers(steps),
    presets: BUILT_IN,
    audit,
    capabilities: {
      ofGrant: () => [],
      endOfGrant: (id) => void endedGrants.push(id),
    },
    endedGrants,
    glass: new BrokenGlass({ clock, audit, rules: () => say.rules, max: 2 }),
  }
}

/** Rooms that hold one grant, `work`; the steps start after it was added. */
export async function roomsWithGrant(changes: Partial<Grant> = {}): Promise<FakeRooms> {
  const rooms = fakeRooms()
  await rooms.vault().add(sampleRecord(changes))
  rooms.steps.length = 0
  return rooms
}

/** An ordinary process on the broker listener. */
export function sampleCaller(changes: Partial<Caller> = {}): Caller {
  return {
    peer: samplePeer(),
    listener: 'broker',
    inquiry: sampleInquiry(),
    isSameProcess: () => true,
    onGone: () => () => undefined,
    ...changes,
  }
}
