import type { AccessTokenCounts, RevocationFacts, RevokeResponse } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { fromNow, type LocalClock, moment } from './moment.ts'

/**
 * What became of a revocation, without making it sound better than it is: what the
 * issuer did not confirm, and what is still to come, is said.
 */
export function revocationSentence(facts: RevocationFacts, clock: Pick<LocalClock, 'now'>): string {
  const { revocation, verified, revocation_problem: problem, next_attempt_at: next } = facts
  const but = problem === undefined ? '' : `; ${printable(problem)}`
  switch (revocation) {
    case 'none':
      return 'ended here; nothing was left to revoke at the issuer'
    case 'queued': {
      const again =
        next === undefined ? 'the daemon keeps trying' : `next attempt ${fromNow(next, clock)}`
      return `ended here; queued: ${printable(problem ?? 'the issuer has not heard of it yet')}; ${again}`
    }
    case 'revoked_at_issuer':
      return verified
        ? `revoked at the issuer, which confirms that it is over${but}`
        : `revoked at the issuer${but}`
    case 'uncertain':
      return `the issuer accepted the revocation, but an answer was lost before: a newer token may live until it expires${but}`
    case 'unsupported':
      return `ended here; the issuer revokes no refresh tokens: end the access there yourself${but}`
    default:
      return revocation satisfies never
  }
}

const CLIENTS: Readonly<Record<NonNullable<RevocationFacts['registered_client']>, string>> = {
  deleted: 'the client registered for it is deleted',
  kept: 'the client registered for it is in use by a newer login',
  unsupported: 'the client registered for it stays at the issuer',
  refused: 'the client registered for it stays at the issuer, which refused to delete it',
}

/** What became of the registered client; `undefined` where there is none. */
export function clientSentence({ registered_client: client }: RevocationFacts): string | undefined {
  return client && CLIENTS[client]
}

/** What became of the access tokens the daemon knew; `undefined` when it knew none. */
export function accessTokensSentence(counts: AccessTokenCounts): string | undefined {
  const { revoked, unsupported, failed } = counts
  const parts = [
    revoked > 0 && `${revoked} revoked`,
    unsupported > 0 && `${unsupported} of a type that the issuer does not revoke`,
    failed > 0 && `${failed} not revoked`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? undefined : `access tokens: ${parts.join(', ')}`
}

/** Until when tokens already handed out can still work, or since when none can. */
export function residualSentence(residualUntil: string, clock: LocalClock): string {
  const when = moment(residualUntil, clock)
  return Date.parse(residualUntil) <= clock.now()
    ? `the last access token ended ${when}`
    : `access tokens handed out before may work until ${when}`
}

/** `grantd revoke`: a line, and more while there is more to be told. */
export function revokeText(answer: RevokeResponse, clock: LocalClock): string {
  const more = [
    accessTokensSentence(answer.access_tokens),
    clientSentence(answer),
    answer.residual_until && residualSentence(answer.residual_until, clock),
  ].filter((line) => line !== undefined)
  const first = `${printable(answer.grant)}: ${revocationSentence(answer, clock)}\n`
  return first + more.map((line) => `      ${line}\n`).join('')
}
