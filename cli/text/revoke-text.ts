import type { RevocationState, RevokeResponse } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { type LocalClock, moment } from './moment.ts'

const SENTENCES: Readonly<Record<RevocationState, string>> = {
  none: 'ended here; nothing was left to revoke at the issuer',
  queued: 'ended here; queued: the issuer could not be reached; the daemon keeps trying',
  revoked_at_issuer: 'revoked at the issuer',
  uncertain:
    'the issuer accepted the revocation, but an answer was lost before: a newer token may live until it expires',
  unsupported: 'ended here; the issuer has no revocation endpoint: end the access there yourself',
}

/** What became of a revocation, without making it sound better than it is. */
export function revocationSentence(state: RevocationState): string {
  return SENTENCES[state]
}

/** Until when tokens already handed out can still work, or since when none can. */
export function residualSentence(residualUntil: string, clock: LocalClock): string {
  const when = moment(residualUntil, clock)
  return Date.parse(residualUntil) <= clock.now()
    ? `the last access token ended ${when}`
    : `access tokens handed out before may work until ${when}`
}

/** `grantd revoke`: a line, and one more while older tokens can still work. */
export function revokeText(answer: RevokeResponse, clock: LocalClock): string {
  const first = `${printable(answer.grant)}: ${revocationSentence(answer.revocation)}\n`
  return answer.residual_until === undefined
    ? first
    : `${first}      ${residualSentence(answer.residual_until, clock)}\n`
}
