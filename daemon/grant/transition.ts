import type { RevocationState } from '@grantd/client/protocol'
import type { Grant, GrantState, RevocationReport } from './grant.ts'

/** One retry of a refresh token whose first answer was lost; a third use could only be reuse. */
export const MAX_ATTEMPTS = 2

/** How an exchange ends; `generation` is the one whose refresh token was sent. */
type ExchangeEnd = { readonly generation: number } & (
  | { readonly kind: 'not_sent' }
  | { readonly kind: 'answer_lost' }
  | {
      readonly kind: 'rotated'
      readonly at: number
      readonly accessTokenExpiresAt: number
      /** True when the answer held the refresh token that was sent. */
      readonly isSameToken?: boolean
    }
  | { readonly kind: 'answered'; readonly at: number; readonly accessTokenExpiresAt: number }
  | { readonly kind: 'refused' }
  /** Refused without a word. Nobody can tell what became of the refresh token. */
  | { readonly kind: 'refused_bare' }
  | { readonly kind: 'died'; readonly reason: string }
)

/** Everything that can happen to a grant. Times are milliseconds since the epoch. */
export type GrantEvent =
  | { readonly kind: 'exchange_begun'; readonly tokenHash: string; readonly at: number }
  | ExchangeEnd
  | {
      readonly kind: 'revoked'
      readonly at: number
      readonly revocation: RevocationState
      readonly reason?: string
      readonly report?: RevocationReport
    }

/** The event does not fit the state: a bug, or a rotation of a generation that is over. */
export class TransitionError extends Error {
  override readonly name = 'TransitionError'
}

/**
 * The one table of what a grant may become. A revoked grant stays revoked, but
 * still counts the rotation of an exchange that was under way, so that the newest
 * refresh token is the one that gets revoked at the issuer. What an exchange of an
 * older generation ends with is late news: it changes nothing.
 *
 * @throws TransitionError when the event does not fit the state
 */
export function transition(grant: Grant, event: GrantEvent): Grant {
  if ('generation' in event && event.generation !== grant.generation) return late(grant, event)
  switch (event.kind) {
    case 'exchange_begun':
      return { ...grant, state: begin(grant.state, event.tokenHash, event.at) }
    case 'not_sent':
    case 'refused':
      return { ...grant, state: undo(grant.state) }
    case 'refused_bare':
      return {
        ...grant,
        state: undoFirst(grant.state),
        bareRefusals: (grant.bareRefusals ?? 0) + 1,
      }
    case 'answer_lost':
      return { ...grant, state: doubt(grant.state) }
    case 'rotated':
      return {
        ...answered(grant, event.at, event.accessTokenExpiresAt),
        generation: grant.generation + 1,
        isRotating: event.isSameToken !== true,
      }
    case 'answered': {
      // where a refresh ends earlier access tokens, callers learn by the generation that theirs is over
      const step = grant.refreshInvalidatesAccessTokens ? 1 : 0
      return {
        ...answered(grant, event.at, event.accessTokenExpiresAt),
        generation: grant.generation + step,
        isRotating: false,
      }
    }
    case 'died':
      return { ...grant, state: die(grant.state, event.reason) }
    case 'revoked':
      return { ...grant, state: revoke(grant.state, event) }
    /* c8 ignore next 2 -- the compiler proves that no event is left */
    default:
      return event satisfies never
  }
}

/** A successor that cannot be placed must not get lost in silence; all else is over. */
function late(grant: Grant, event: ExchangeEnd): Grant {
  if (event.kind === 'rotated') throw new TransitionError('a rotation of a generation that is over')
  return grant
}

function begin(state: GrantState, tokenHash: string, startedAt: number): GrantState {
  if (state.kind === 'active')
    return { kind: 'refreshing', intent: { tokenHash, startedAt, attempt: 1 } }
  if (state.kind === 'in_doubt' && state.intent.attempt < MAX_ATTEMPTS)
    return {
      kind: 'refreshing',
      intent: { ...state.intent, tokenHash, attempt: state.intent.attempt + 1 },
    }
  throw new TransitionError(`no exchange can begin while "${state.kind}"`)
}

/**
 * This attempt proved nothing about the refresh token: what stood before it stands
 * again, and an earlier answer that was lost stays lost. On an active grant there is
 * nothing to undo: a successor came before the answer turned out to be a refusal.
 */
function undo(state: GrantState): GrantState {
  if (state.kind === 'revoked') return undoRevoked(state)
  if (state.kind === 'active') return state
  if (state.kind !== 'refreshing')
    throw new TransitionError(`nothing to undo while "${state.kind}"`)
  const attempt = state.intent.attempt - 1
  if (attempt === 0) return { kind: 'active' }
  return { kind: 'in_doubt', intent: { ...state.intent, attempt } }
}

/**
 * A first use that is refused without a word stands as before. The retry of a lost answer
 * has had its answer with it: the token was most likely spent, and a third use could only
 * be reuse.
 */
function undoFirst(state: GrantState): GrantState {
  const isRetry = state.kind === 'refreshing' && state.intent.attempt > 1
  return isRetry ? doubt(state) : undo(state)
}

type Revoked = Extract<GrantState, { kind: 'revoked' }>

function undoRevoked(state: Revoked): Revoked {
  const { intent } = state
  if (intent === undefined || intent.attempt <= 1) return known(state)
  if (state.revocation !== 'queued') return state
  return { ...state, intent: { ...intent, attempt: intent.attempt - 1 } }
}

/** No successor is missing; a revocation that is settled stays as it was told. */
function known(state: Revoked): Revoked {
  if (state.revocation !== 'queued') return state
  const { intent: _answered, ...rest } = state
  return rest
}

/** A successor that was kept cannot be lost any more. */
function doubt(state: GrantState): GrantState {
  if (state.kind === 'revoked' || state.kind === 'active') return state
  if (state.kind !== 'refreshing')
    throw new TransitionError(`nothing was lost while "${state.kind}"`)
  return { kind: 'in_doubt', intent: state.intent }
}

function settle(state: GrantState): GrantState {
  if (state.kind === 'revoked') return known(state)
  if (state.kind !== 'refreshing')
    throw new TransitionError(`no exchange ends while "${state.kind}"`)
  return { kind: 'active' }
}

/** The first revocation counts; only one that waits for the issuer can still get somewhere. */
function revoke(
  state: GrantState,
  { at, revocation, reason, report }: Extract<GrantEvent, { kind: 'revoked' }>,
): GrantState {
  const told = report && { report }
  if (state.kind === 'revoked')
    return state.revocation === 'queued' ? { ...state, revocation, ...told } : state
  return {
    kind: 'revoked',
    at,
    revocation,
    ...(reason !== undefined && { reason }),
    ...('intent' in state && { intent: state.intent }),
    ...told,
  }
}

function die(state: GrantState, reason: string): GrantState {
  return state.kind === 'revoked' ? undoRevoked(state) : { kind: 'login_required', reason }
}

function answered(grant: Grant, at: number, accessTokenExpiresAt: number): Grant {
  const { bareRefusals: _over, ...rest } = grant
  return {
    ...rest,
    state: settle(grant.state),
    lastRefreshedAt: at,
    accessTokensExpireAt: Math.max(grant.accessTokensExpireAt, accessTokenExpiresAt),
  }
}

/** The grant with an access token that turned out to live longer than its answer said. */
export function withTokenUntil(grant: Grant, accessTokenExpiresAt: number): Grant {
  return {
    ...grant,
    accessTokensExpireAt: Math.max(grant.accessTokensExpireAt, accessTokenExpiresAt),
  }
}
