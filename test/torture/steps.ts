import type { Fault, FaultAfter } from '../issuers/faults.ts'
import type { Call, CrashPoint } from './crash-point.ts'

/** What a daemon is killed in the middle of. */
export type Operation = 'refresh' | 'login' | 'revoke' | 'rekey'

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
const AUDIT = '/audit/[^/]+\\.jsonl$'

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
  return writeSteps(what, RECORD, DIRECTORY, since === undefined ? {} : { since })
}

/** Every step of one durable write of a file in a directory. */
function writeSteps(
  what: string,
  file: string,
  directory: string,
  more: Partial<CrashPoint> = {},
): Readonly<Record<string, CrashPoint>> {
  return {
    [`${what}: an empty file is made`]: after('open', file, more),
    [`${what}: written, before its sync`]: before('sync', file, more),
    [`${what}: synced, before the rename`]: before('rename', file, more),
    [`${what}: renamed, before the directory is synced`]: after('rename', file, more),
    [`${what}: durable`]: after('sync', directory, more),
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

const STATE_DIRECTORY = '/state/grantd$'
const BOTH_KEYS = '/\\.?rekey(\\.\\d+\\.\\w+)?$'
const PIN = '/\\.?sealing-key\\.pin(\\.\\d+\\.\\w+)?$'

const bothKeysInPlace = after('rename', BOTH_KEYS)
const pinInPlace = after('rename', PIN)

const REKEY: Readonly<Record<string, CrashPoint>> = {
  'begun is on record': onRecord('vault.rekey_begun'),
  ...writeSteps('the file of both keys', BOTH_KEYS, STATE_DIRECTORY),
  ...recordSteps('a record', bothKeysInPlace),
  'the second record is in place': after('rename', RECORD, { since: bothKeysInPlace, nth: 2 }),
  ...writeSteps('the pin', PIN, STATE_DIRECTORY, { since: bothKeysInPlace }),
  'the file of both keys is about to be removed': before('remove', BOTH_KEYS, {
    since: pinInPlace,
  }),
  'the file of both keys is removed': after('remove', BOTH_KEYS, { since: pinInPlace }),
  'rekeyed is on record': onRecord('vault.rekeyed'),
}

/** Half of an answer: its head and so many bytes, less than any refresh token needs. */
const HALF: FaultAfter = { kind: 'stall', afterBytes: 40 }

const HELD: Readonly<Record<string, Fault>> = {
  'the request is on its way, the issuer has not acted': { kind: 'hold_request' },
  'the issuer has acted, its answer is held': { kind: 'hold' },
  'half of the answer is on its way': HALF,
}

/** @param path Where at the issuer a request or its answer can be held; none for what asks no issuer. */
function stepsOf(
  operation: Operation,
  points: Readonly<Record<string, CrashPoint>>,
  path?: string,
): readonly Step[] {
  return [
    ...Object.entries(points).map(([name, point]): Step => {
      return { operation, name, reached: { kind: 'point', point } }
    }),
    ...Object.entries(path === undefined ? {} : HELD).map(([name, fault]): Step => {
      return { operation, name, reached: { kind: 'held', fault, path: path ?? '' } }
    }),
    { operation, name: 'answered', reached: { kind: 'answered' } },
  ]
}

/** Every step that has a name. */
export const STEPS: readonly Step[] = [
  ...stepsOf('refresh', REFRESH, '/token'),
  ...stepsOf('login', LOGIN, '/token'),
  ...stepsOf('revoke', REVOKE, '/token/revocation'),
  ...stepsOf('rekey', REKEY),
]
