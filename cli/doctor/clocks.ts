import type { GrantDetail } from '@grantd/client/protocol'
import type { World } from '../world.ts'
import { askClocks } from './ask-clocks.ts'
import type { DateAnswer } from './ask-date.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** What the clock of an issuer says. */
interface ClockFact {
  readonly issuer: string
  readonly answer: DateAnswer
}

/** All clocks that were asked for. */
export interface ClockFacts {
  readonly clocks: readonly ClockFact[]
  /** Issuers beyond those that are asked. */
  readonly unasked: number
}

/** Nobody has grants of more issuers; beyond it the first ones tell enough about a clock. */
const MAX_ISSUERS = 16

/** Issuers take tokens and proofs for about this long after or before their time, in seconds. */
const WARN_SECONDS = 60

/** Beyond it most refuse them. */
const FAIL_SECONDS = 300

/** Asks every issuer of a living grant for the time. */
export async function readClocks(
  world: World,
  grants: readonly Pick<GrantDetail, 'issuer' | 'state'>[],
): Promise<ClockFacts> {
  const living = grants.filter(({ state }) => state === 'active' || state === 'in_doubt')
  const issuers = [...new Set(living.map(({ issuer }) => issuer))].toSorted()
  const asked = issuers.slice(0, MAX_ISSUERS)
  const answers = await askClocks(asked, world.env)
  return {
    clocks: answers.flatMap((answer, at) => {
      const issuer = asked[at]
      return issuer === undefined ? [] : { issuer, answer }
    }),
    unasked: issuers.length - asked.length,
  }
}

/** Each clock; who is wrong where they differ is for the others to say. */
export function judgeClocks({ clocks, unasked }: ClockFacts, platform: string): Finding[] {
  const isAgreed = clocks.some(({ answer }) => isWithin(answer, WARN_SECONDS))
  const setOurs =
    platform === 'linux'
      ? 'set the clock: timedatectl set-ntp true'
      : 'set the clock of this machine'
  const findings = clocks.map(({ issuer, answer }) => {
    if (answer.kind === 'silent') {
      const what = `clock of ${issuer}: ${answer.reason}`
      return warn(what, 'check network, proxy and certificates; tokens cannot be refreshed without')
    }
    const what = `clock: ${distance(answer.offsetMs)} ${issuer}`
    if (isWithin(answer, WARN_SECONDS)) return ok(what)
    const advice = isAgreed ? 'other issuers agree with this machine: tell that one' : setOurs
    return isWithin(answer, FAIL_SECONDS) ? warn(what, advice) : fail(what, advice)
  })
  return unasked === 0
    ? findings
    : [...findings, ok(`clock: ${unasked} more issuers are not asked`)]
}

function isWithin(answer: DateAnswer, seconds: number): boolean {
  return answer.kind === 'date' && Math.abs(answer.offsetMs) <= seconds * 1000
}

/** A date has whole seconds: one more or less is none. */
function distance(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000)
  if (seconds <= 1) return 'the same as that of'
  return `${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} that of`
}
