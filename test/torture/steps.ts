import type { Fault, FaultAfter } from '../issuers/faults.ts'
import type { Call, CrashPoint } from './crash-point.ts'

/** What a daemon is killed in the middle of. */
export type Operation = 'refresh' | 'login' | 'revoke'

/** How a step is known to be reached. */
type Reached =
  /** The daemon itself is about to do something, or has done it. */
  | { readonly kind: 'point'; readonly point: CrashPoint }
  /** The proxy in front of the issuer holds a request or an answer. */
  | { readonly kind: 'held'; readonly fault: Fault; readonly path: string }
  /** Whoever asked has the answer. */
  | { readonly kind: 'answered' }

/** One step of an operation, in words. */
export interface Step {
  readonly operation: Operation
  readonly name: string
  readonly reached: Reached
}

const RECORD = '/grants/[^/]+\\.grant'
const DIRECTORY = '/grants$'
const AUDIT = 'audit\\.log$'

function before(call: Call, target: string, more: Partial<CrashPoint> = {}): CrashPoint {
  return { call, when: 'before', target, ...more }
}

function after(call: Call, target: string, more: Partial<CrashPoint> = {}): CrashPoint {
  return { call, when: 'after', target, ...more }
}

/** The line of an event is with the kernel. */
function written(event: string): CrashPoint {
  return after('write', AUDIT, { text: event })
}

/** The line of an event is on the disk. */
function onRecord(event: string): CrashPoint {
  return after('sync', AUDIT, { since: written(event) })
}

/** Every step of one durable write of a record. */
function recordSteps(what: string, since?: CrashPoint): Readonly<Record<string, CrashPoint>> {
  const more = since === undefined ? {} : { since }
  return {
    [`${what}: an empty file is made`]: after('open', RECORD, more),
    [`${what}: written, before its sync`]: before('sync', RECORD, more),
    [`${what}: synced, before the rename`]: before('rename', RECORD, more),
    [`${what}: renamed, before the directory is synced`]: after('rename', RECORD, more),
    [`${what}: durable`]: after('sync', DIRECTORY, more),
  }
}

const TOKEN = '^/token$'
const REVOCATION = '^/token/revocation$'

const answerRead = after('answer', TOKEN, { text: '^200' })

const REFRESH: Readonly<Record<string, CrashPoint>> = {
  'begun is written, not on the disk yet': written('grant.refresh_begun'),
  'begun is on record': onRecord('grant.refresh_begun'),
  ...recordSteps('intent'),
  'the request is about to be sent': before('send', TOKEN),
  'the head of the answer is read': before('answer', TOKEN),
  'the answer is read, nothing of it is written': answerRead,
  ...recordSteps('successor', answerRead),
  'published, before its line': before('write', AUDIT, { text: 'grant.refreshed' }),
  'refreshed is on record': onRecord('grant.refreshed'),
  'issued is on record, before the answer leaves': written('token.issued'),
}

const LOGIN: Readonly<Record<string, CrashPoint>> = {
  'the answer is read, nothing of it is written': answerRead,
  'answered is written, not on the disk yet': written('login.answered'),
  'answered is on record': onRecord('login.answered'),
  ...recordSteps('the new grant', answerRead),
  'completed is on record': onRecord('login.completed'),
  ...recordSteps('the end of the old grant', written('login.completed')),
  'the issuer is about to hear of the old grant': before('send', REVOCATION),
  'the issuer has heard of the old grant': after('answer', REVOCATION),
  'the old grant is removed, before the directory is synced': after('remove', RECORD),
}

const revocationRead = after('answer', REVOCATION)

const REVOKE: Readonly<Record<string, CrashPoint>> = {
  ...recordSteps('the end here'),
  'ended here, before its line': before('write', AUDIT, { text: 'grant.revoked' }),
  'revoked is on record': onRecord('grant.revoked'),
  'the issuer is about to hear of it': before('send', REVOCATION),
  'the answer is read, nothing is written': revocationRead,
  ...recordSteps('the tombstone', revocationRead),
  'finished is on record': onRecord('grant.revocation_finished'),
}

/** Half of an answer: its head and so many bytes, less than any refresh token needs. */
const HALF: FaultAfter = { kind: 'stall', afterBytes: 40 }

const HELD: Readonly<Record<string, Fault>> = {
  'the request is on its way, the issuer has not acted': { kind: 'hold_request' },
  'the issuer has acted, its answer is held': { kind: 'hold' },
  'half of the answer is on its way': HALF,
}

function stepsOf(
  operation: Operation,
  points: Readonly<Record<string, CrashPoint>>,
  path: string,
): readonly Step[] {
  return [
    ...Object.entries(points).map(([name, point]): Step => {
      return { operation, name, reached: { kind: 'point', point } }
    }),
    ...Object.entries(HELD).map(([name, fault]): Step => {
      return { operation, name, reached: { kind: 'held', fault, path } }
    }),
    { operation, name: 'answered', reached: { kind: 'answered' } },
  ]
}

/** Every step that has a name. */
export const STEPS: readonly Step[] = [
  ...stepsOf('refresh', REFRESH, '/token'),
  ...stepsOf('login', LOGIN, '/token'),
  ...stepsOf('revoke', REVOKE, '/token/revocation'),
]
