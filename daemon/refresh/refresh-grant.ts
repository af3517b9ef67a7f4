import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import { tokenHash } from '../base/token-hash.ts'
import type { Grant } from '../grant/grant.ts'
import { type GrantRecord, wipeRecord } from '../grant/grant-record.ts'
import { type GrantEvent, transition, withTokenUntil } from '../grant/transition.ts'
import type { Issuers, RefreshAnswer, Successor } from '../issuer/issuer.ts'
import type { Vault } from '../vault/vault.ts'
import type { BackOff } from './back-off.ts'
import { checkAnswer, expiryOf, type RefreshAsk } from './check-answer.ts'
import { clientKey, requestKey } from './client-key.ts'
import { pauseObstacle, stateObstacle } from './obstacle.ts'
import type { RefreshOutcome } from './outcome.ts'
import { applyEvent, endExchange, loseAnswer, settleFailure } from './settle-failure.ts'

/** What one exchange needs. */
export interface RefreshRooms {
  readonly clock: Clock
  readonly vault: Vault
  readonly issuers: Issuers
  /** Keeps exchanges apart that would fail like the one before. */
  readonly backOff: BackOff
}

/**
 * One exchange, in the order that must never change: intent durable, send, successor
 * durable, validate, compare. The caller makes sure that only one runs per grant.
 *
 * @param announce Runs before the intent, and only when nothing stands in the way of the
 *   exchange. What it throws is thrown, and nothing is sent.
 * @throws GrantdError `vault_locked` when the vault cannot be written: then nothing is
 *   handed out, and the successor waits in memory for the next write
 */
export async function refreshGrant(
  rooms: RefreshRooms,
  grantId: string,
  ask: RefreshAsk,
  announce: () => Promise<void>,
): Promise<RefreshOutcome> {
  await loseAnswer(rooms.vault, grantId)
  const obstacle =
    stateObstacle(rooms.vault.get(grantId), rooms.clock.now()) ?? pauseOf(rooms, grantId, ask)
  if (obstacle !== undefined) return obstacle
  await announce()
  const startedAt = rooms.clock.now()
  const refusal = await begin(rooms, grantId, startedAt)
  if (refusal !== undefined) return refusal
  const record = rooms.vault.open(grantId)
  try {
    const answer = await exchange(rooms, record, ask, startedAt)
    return await settle(rooms, grantId, record, ask, answer, startedAt)
  } catch (error) {
    // whatever failed after the intent: the answer is lost unless the successor was kept
    await loseAnswer(rooms.vault, grantId).catch(() => undefined) // the first error counts
    throw error
  } finally {
    wipeRecord(record)
  }
}

/** The pause after a failure; what it depends on of the secrets is wiped again. */
function pauseOf(
  { vault, backOff }: RefreshRooms,
  grantId: string,
  { audience }: RefreshAsk,
): RefreshOutcome | undefined {
  const record = vault.open(grantId)
  try {
    return pauseObstacle(
      backOff,
      record.grant,
      clientKey(record.grant, record.clientSecret),
      audience,
    )
  } finally {
    wipeRecord(record)
  }
}

/** Writes the intent; what happened to the grant while the write waited its turn stands in the way. */
async function begin(
  { vault }: RefreshRooms,
  grantId: string,
  at: number,
): Promise<RefreshOutcome | undefined> {
  let refusal: RefreshOutcome | undefined
  let generation: number | undefined
  try {
    await vault.change(grantId, (record) => {
      refusal = stateObstacle(record.grant, at)
      if (refusal !== undefined) return record
      const after = begun(record, at)
      generation = after.grant.generation
      return after
    })
  } catch (error) {
    // nothing was sent: an intent that only memory knows must not count as an attempt
    if (generation !== undefined)
      await endExchange(vault, grantId, { kind: 'not_sent', generation }).catch(() => undefined)
    throw error
  }
  return refusal
}

function begun(record: GrantRecord, at: number): GrantRecord {
  if (record.refreshToken === undefined) throw new TypeError('an active grant has a refresh token')
  const hash = tokenHash(record.refreshToken.revealBytes())
  return {
    ...record,
    grant: transition(record.grant, { kind: 'exchange_begun', tokenHash: hash, at }),
  }
}

async function exchange(
  rooms: RefreshRooms,
  record: GrantRecord,
  ask: RefreshAsk,
  startedAt: number,
): Promise<RefreshAnswer> {
  const { grant, refreshToken, clientSecret } = record
  if (refreshToken === undefined) throw new TypeError('an active grant has a refresh token')
  return await rooms.issuers.refresh({
    client: {
      clientId: grant.clientId,
      metadata: grant.metadata,
      ...(clientSecret && { clientSecret }),
    },
    refreshToken,
    ...(ask.sentScope && { scope: ask.sentScope }),
    ...(ask.audience !== undefined && { audience: ask.audience }),
    keepSuccessor: async (successor) => {
      try {
        await rooms.vault.change(grant.id, (current) =>
          rotated(current, grant, successor, startedAt, rooms.clock.now()),
        )
      } finally {
        // sealed by now, on the disk or in the memory of a vault that could not write
        successor.refreshToken.wipe()
      }
    },
  })
}

/** The successor takes its place; the token just spent stays beside it until the next rotation. */
function rotated(
  current: GrantRecord,
  before: Grant,
  successor: Successor,
  startedAt: number,
  at: number,
): GrantRecord {
  const isSameToken = hashOf(current.refreshToken) === hashOf(successor.refreshToken)
  const event: GrantEvent = {
    kind: 'rotated',
    isSameToken,
    generation: before.generation,
    at,
    accessTokenExpiresAt: expiryOf(successor.expiresInSeconds, startedAt),
  }
  return {
    ...current,
    grant: transition(current.grant, event),
    refreshToken: successor.refreshToken,
    ...(current.refreshToken && { previousRefreshToken: current.refreshToken }),
  }
}

function hashOf(secret: Secret | undefined): string | undefined {
  return secret && tokenHash(secret.revealBytes())
}

async function settle(
  rooms: RefreshRooms,
  grantId: string,
  used: GrantRecord,
  ask: RefreshAsk,
  answer: RefreshAnswer,
  startedAt: number,
): Promise<RefreshOutcome> {
  if (answer.kind !== 'answered') {
    const outcome = await settleFailure(rooms, grantId, used, answer, ask.audience)
    return isOver(rooms.vault.get(grantId)) ? { kind: 'superseded' } : outcome
  }
  rooms.backOff.clear(grantId)
  rooms.backOff.clear(requestKey(grantId, ask.audience))
  rooms.backOff.clear(clientKey(used.grant, used.clientSecret))
  if (!answer.hasSuccessor) {
    await applyEvent(rooms.vault, grantId, {
      kind: 'answered',
      generation: used.grant.generation,
      at: rooms.clock.now(),
      accessTokenExpiresAt: expiryOf(answer.answer.expiresInSeconds, startedAt),
    })
  }
  await learnLife(rooms.vault, grantId, expiryOf(answer.answer.expiresInSeconds, startedAt))
  const grant = rooms.vault.get(grantId)
  if (grant === undefined || isOver(grant)) return { kind: 'superseded' }
  const checked = checkAnswer(grant, ask, answer.answer, startedAt)
  if (checked.kind === 'broader')
    return isRetry(used.grant)
      ? { kind: 'transient', detail: REPEATED, retryAfterSeconds: REPEATED_SECONDS }
      : { kind: 'permanent', code: checked.code, detail: checked.detail }
  return { kind: answer.hasSuccessor ? 'rotated' : 'unchanged', token: checked.token }
}

/** A JWT may tell of a life that was not to be seen when its successor was kept. */
async function learnLife(vault: Vault, grantId: string, expiresAt: number): Promise<void> {
  const grant = vault.get(grantId)
  if (grant === undefined || grant.accessTokensExpireAt >= expiresAt) return
  await vault.change(grantId, (record) => ({
    ...record,
    grant: withTokenUntil(record.grant, expiresAt),
  }))
}

const REPEATED = 'the issuer repeated its answer to an earlier request'

/** The successor is kept by then: nothing stands in the way of the next exchange. */
const REPEATED_SECONDS = 1

/**
 * True for the retry of a lost answer. An issuer that answers it as it answered the first
 * time gives a token for what was asked then, perhaps by somebody who asked for more.
 */
function isRetry({ state }: Grant): boolean {
  return state.kind === 'refreshing' && state.intent.attempt > 1
}

/** True when it was revoked or removed while its exchange was under way. */
function isOver(grant: Grant | undefined): boolean {
  return grant === undefined || grant.state.kind === 'revoked'
}
