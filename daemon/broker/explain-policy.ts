import {
  GrantdError,
  type PolicyExplainRequest,
  type PolicyExplanation,
} from '@grantd/client/protocol'
import { formatDuration } from '../config/duration.ts'
import { type ConsentTerm, WEEKDAYS } from '../config/rule.ts'
import type { Grant } from '../grant/grant.ts'
import { formatScope, parseScope } from '../grant/scope.ts'
import type { KnownPeer } from '../peer/identify-peer.ts'
import type { Peer } from '../peer/peer.ts'
import type { QuestionOfNow } from '../policy/current-policy.ts'
import type { Decision } from '../policy/decision.ts'
import { type LocalTime, localTime } from '../policy/local-time.ts'
import { askedScope } from '../policy/match-rule.ts'
import { beyondCap } from '../policy/terms.ts'
import type { PolicyFiles } from './report-policy.ts'
import type { Caller, Rooms } from './rooms.ts'
import { selectGrant } from './select-grant.ts'

/** What the verbs about policy need. */
export interface PolicyRooms
  extends Pick<Rooms, 'clock' | 'policy' | 'vault' | 'requireConfig' | 'glass'> {
  readonly files: PolicyFiles
  /** The process of the owner that has a pid now; whoever gets it must release it. */
  readonly lookUp: (pid: number) => KnownPeer | undefined
}

/**
 * Why a process would get a token, or none: the same decision as for a request, with what
 * every rule had to do with it. Nothing is handed out, asked for or counted.
 *
 * @throws GrantdError `invalid_request`, `unknown_grant`, `vault_locked`, `config_invalid`
 */
export async function explainPolicy(
  rooms: PolicyRooms,
  caller: Caller,
  request: PolicyExplainRequest,
): Promise<PolicyExplanation> {
  rooms.requireConfig()
  const grant = selectGrant(rooms.vault().list(), request)
  const { peer, executableSha256 } = await subject(rooms, caller, request)
  const { scope, capability } = request
  const question: QuestionOfNow = {
    peer,
    executableSha256,
    listener: request.listener ?? (capability === undefined ? 'broker' : 'capability'),
    capability,
    grant,
    scope: scope === undefined ? undefined : parseScope(scope),
    audience: request.audience ?? grant.audiences[0],
    // of another time nobody knows what will be lifted then
    isGlassBroken:
      request.at === undefined && rooms.glass.reasonFor(grant.id, peer.class) !== undefined,
  }
  const time = request.at === undefined ? undefined : timeOf(request.at, rooms.clock.now())
  const { decision, rules } = rooms.policy.explain(question, time)
  const { executable, unit } = peer
  return {
    peer: {
      class: peer.class,
      gid: peer.gid,
      ...(request.pid !== undefined && { pid: request.pid }),
      ...(executable !== undefined && { executable }),
      ...(executableSha256 !== undefined && { executable_sha256: executableSha256 }),
      ...(unit !== undefined && { unit }),
    },
    ...described(decision, grant, question),
    rules,
  }
}

/** Who would ask: a process that is there, or one that might be. */
async function subject(
  { lookUp, policy }: PolicyRooms,
  caller: Caller,
  request: PolicyExplainRequest,
): Promise<{ readonly peer: Peer; readonly executableSha256: string | undefined }> {
  const { pid, executable, unit, gid = caller.peer.gid, class: ofClass = 'local' } = request
  if ((pid === undefined) === (executable === undefined))
    throw new GrantdError('invalid_request', 'one of "pid" and "executable" is needed')
  if (pid === undefined) {
    const made = { uid: caller.peer.uid, gid, pid: 0, class: ofClass }
    const peer = {
      ...made,
      ...(executable !== undefined && { executable }),
      ...(unit !== undefined && { unit }),
    }
    return { peer, executableSha256: request.executable_sha256 }
  }
  for (const name of ['executable_sha256', 'unit', 'gid', 'class'] as const)
    if (request[name] !== undefined)
      throw new GrantdError('invalid_request', `"${name}" does not go with "pid"`)
  const known = lookUp(pid)
  if (known === undefined)
    throw new GrantdError(
      'invalid_request',
      `there is no process ${pid}, or nothing is known of it`,
    )
  try {
    const executableSha256 = policy.needsHash() ? await known.inquiry.executableHash() : undefined
    return { peer: known.peer, executableSha256 }
  } finally {
    known.release()
  }
}

/** `sat 23:10` as a clock shows it; without a day it is today. */
function timeOf(text: string, now: number): LocalTime {
  const [, day, hour, minute] = /^(?:(\w+) )?(\d\d):(\d\d)$/.exec(text) ?? []
  return {
    day: WEEKDAYS.find((one) => one === day) ?? localTime(now).day,
    minute: Number(hour) * 60 + Number(minute),
  }
}

function described(
  decision: Decision,
  grant: Grant,
  question: QuestionOfNow,
): Omit<PolicyExplanation, 'peer' | 'rules'> {
  if (decision.kind === 'deny') {
    const { rule, code, reason } = decision
    return { decision: 'deny', rule, code, reason }
  }
  const { rule, limits, scopeCap, maxLifetimeSeconds, consent, rates, offline, wouldDeny } =
    decision
  const asked = askedScope({ ...question, grant })
  const beyond = beyondCap(asked, scopeCap)
  return {
    decision: 'allow',
    rule,
    limits,
    scope: formatScope(asked.filter((word) => !beyond.includes(word))),
    ...(maxLifetimeSeconds !== undefined && { max_lifetime: maxLifetimeSeconds }),
    consent: consentWord(consent),
    rates,
    offline,
    ...(wouldDeny !== undefined && { would_deny: wouldDeny }),
  }
}

function consentWord(consent: ConsentTerm): string {
  return typeof consent === 'string' ? consent : formatDuration(consent.seconds)
}
