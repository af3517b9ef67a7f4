import { Secret } from '../base/secret.ts'
import type { RevocationReport, TokenCounts } from '../grant/grant.ts'
import type { GrantRecord } from '../grant/grant-record.ts'
import type { IssuerClient, Issuers, TokenHint } from '../issuer/issuer.ts'
import { unpackTokens } from '../vault/kept-tokens.ts'
import type { ClientUse } from './client-use.ts'
import { endClient } from './end-client.ts'

/** What one attempt to end a grant at its issuer brought. */
export interface Told {
  /** What became of the refresh token; absent while it is still to be revoked. */
  readonly refreshToken?: 'revoked' | 'unsupported'
  /** Whether the issuer calls every token inactive that it revoked; absent when that is none. */
  readonly isVerified?: boolean
  /** Access tokens about which nothing is left to be told, by their values. */
  readonly closed: ReadonlySet<string>
  /** How those ended; one that ended by itself is in no count. */
  readonly counts: TokenCounts
  /** What became of the registered client; absent while it is still to be deleted, and where there is none. */
  readonly client?: NonNullable<RevocationReport['client']>
  /** In words of ours, each once. */
  readonly problems: readonly string[]
  /** The longest wait the issuer asked for. */
  readonly retryAfterSeconds: number
}

/** What became of one token. */
type TokenEnd =
  | { readonly kind: 'revoked'; readonly isVerified: boolean; readonly problem?: string }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'still_active'; readonly problem: string }
  /** No issuer answered: whatever is asked next would wait in vain as well. */
  | { readonly kind: 'silent'; readonly problem: string; readonly retryAfterSeconds: number }

/** Requests about one grant that are under way at a time. */
const LANES = 8

/**
 * Tells an issuer that a grant is over: the refresh token first, then the access tokens,
 * unless nobody answers. What it accepted it is asked about again, since not every issuer
 * means what its status says.
 *
 * @param record Stays the caller's to wipe.
 * @param now Access tokens that are over by then are left alone.
 * @param useOfClient Asked at the last moment: a client that others use is not deleted.
 * @see RFC 7009, RFC 7662, RFC 7592 for the client that was registered for it
 */
export async function tellIssuer(
  issuers: Issuers,
  record: GrantRecord,
  now: number,
  useOfClient: () => ClientUse = () => 'none',
): Promise<Told> {
  const { grant, refreshToken, clientSecret, accessTokens } = record
  const client = {
    clientId: grant.clientId,
    metadata: grant.metadata,
    ...(clientSecret && { clientSecret }),
  }
  const first = refreshToken && (await endToken(issuers, client, refreshToken, 'refresh_token'))
  const kept = unpackTokens(accessTokens)
  const living = kept.filter(({ expiresAt }) => expiresAt > now).map(({ value }) => value)
  const over = kept.filter(({ expiresAt }) => expiresAt <= now).map(({ value }) => value)
  const ends = first?.kind === 'silent' ? new Map() : await endAll(issuers, client, living)
  const told = summary(first, ends, over)
  const isOver =
    (refreshToken === undefined || told.refreshToken !== undefined) &&
    kept.every(({ value }) => told.closed.has(value))
  // its other tokens could not be revoked any more in its name
  if (!isOver || grant.registration === undefined) return told
  const end = await endClient(issuers, record, useOfClient())
  return {
    ...told,
    ...(end.client && { client: end.client }),
    problems: [...told.problems, ...(end.problem === undefined ? [] : [end.problem])],
    retryAfterSeconds: Math.max(told.retryAfterSeconds, end.retryAfterSeconds ?? 0),
  }
}

/** Stops asking as soon as nobody answers. */
async function endAll(
  issuers: Issuers,
  client: IssuerClient,
  tokens: readonly string[],
): Promise<ReadonlyMap<string, TokenEnd>> {
  const ends = new Map<string, TokenEnd>()
  const waiting = [...tokens]
  let isSilent = false
  const lane = async (): Promise<void> => {
    for (let value = waiting.shift(); value !== undefined && !isSilent; value = waiting.shift()) {
      const token = Secret.fromText(value)
      const end = await endToken(issuers, client, token, 'access_token')
      token.wipe()
      ends.set(value, end)
      isSilent ||= end.kind === 'silent'
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return ends
}

async function endToken(
  issuers: Issuers,
  client: IssuerClient,
  token: Secret,
  hint: TokenHint,
): Promise<TokenEnd> {
  const answer = await issuers.revoke(client, token, hint)
  if (answer.kind === 'unsupported') return answer
  if (answer.kind === 'refused')
    return { kind: 'refused', problem: `the issuer refused: ${answer.reason}` }
  if (answer.kind === 'failed') {
    const { reason, retryAfterSeconds = 0 } = answer
    return { kind: 'silent', problem: reason, retryAfterSeconds }
  }
  const seen = await issuers.introspect(client, token, hint)
  const what = hint === 'refresh_token' ? 'refresh' : 'access'
  switch (seen.kind) {
    case 'inactive':
      return { kind: 'revoked', isVerified: true }
    case 'active':
      return {
        kind: 'still_active',
        problem: `the issuer accepted it, and calls the ${what} token active still`,
      }
    case 'unavailable':
      return {
        kind: 'revoked',
        isVerified: false,
        problem: 'not confirmed: the issuer offers no introspection',
      }
    case 'failed':
      return { kind: 'revoked', isVerified: false, problem: `not confirmed: ${seen.reason}` }
    default:
      return seen satisfies never
  }
}

/**
 * A refusal of an access token is the last word, once the refresh token is settled: an
 * issuer that refuses that one too may be in a state that passes.
 */
function summary(
  first: TokenEnd | undefined,
  ends: ReadonlyMap<string, TokenEnd>,
  over: readonly string[],
): Told {
  const isFirstSettled =
    first === undefined || first.kind === 'revoked' || first.kind === 'unsupported'
  const closed = new Set(over)
  const counts = { revoked: 0, unsupported: 0, failed: 0 }
  for (const [value, { kind }] of ends) {
    if (kind === 'revoked') counts.revoked += 1
    else if (kind === 'unsupported') counts.unsupported += 1
    else if (kind === 'refused' && isFirstSettled) counts.failed += 1
    else continue
    closed.add(value)
  }
  const all = [...(first === undefined ? [] : [first]), ...ends.values()]
  const revoked = all.filter((end) => end.kind === 'revoked')
  return {
    ...(first !== undefined &&
      (first.kind === 'revoked' || first.kind === 'unsupported') && { refreshToken: first.kind }),
    ...(revoked.length > 0 && { isVerified: revoked.every((end) => end.isVerified) }),
    closed,
    counts,
    problems: [...new Set(all.flatMap((end) => ('problem' in end ? end.problem : [])))],
    retryAfterSeconds: Math.max(
      0,
      ...all.map((end) => (end.kind === 'silent' ? end.retryAfterSeconds : 0)),
    ),
  }
}
