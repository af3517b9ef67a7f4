import { type GrantDetail, GrantdError } from '@grantd/client/protocol'
import type { Secret } from '../base/secret.ts'
import type { Grant, IssuerMetadata } from '../grant/grant.ts'
import { formatScope } from '../grant/scope.ts'
import type { IssuerClient, LoginAnswer } from '../issuer/issuer.ts'
import { isForAudience } from '../refresh/check-answer.ts'
import { clientKey } from '../refresh/client-key.ts'
import type { Vault } from '../vault/vault.ts'
import { exchangeOnRecord } from './exchange-on-record.ts'
import { removeGrant } from './forget-grant.ts'
import { grantDetail } from './grant-detail.ts'
import type { LoginClient } from './login-client.ts'
import { type LoginScope, loginScope } from './login-scope.ts'
import { newGrant, withAudience } from './new-grant.ts'
import type { LoginPlan } from './plan-login.ts'
import { endAtIssuer, endLocally, isUnrecorded } from './revoke-grant.ts'
import type { Caller, Rooms } from './rooms.ts'

/** A login that the issuer answered. */
export interface AnsweredLogin {
  readonly id: string
  /** Without the client's secret. */
  readonly request: LoginPlan
  /** Stays the caller's to wipe. */
  readonly client: LoginClient
  readonly metadata: IssuerMetadata
  readonly answer: Extract<LoginAnswer, { kind: 'answered' }>
}

/** The new grant, and what the person must be told about it. */
export interface KeptLogin {
  readonly detail: GrantDetail
  /** Sentences without a full stop. */
  readonly notices: readonly string[]
}

/**
 * Makes the new grant durable, learns what was granted for its other audiences, and
 * only then ends the grants of the same name that it replaces.
 *
 * A login that cannot be kept leaves no refresh token behind at the issuer. From the
 * moment it is durable the grant is in use: what goes wrong afterwards is told in a
 * notice, and the login is complete.
 *
 * @throws GrantdError `invalid_target`, `vault_locked`, `audit_unavailable`
 */
export async function keepLogin(
  rooms: Rooms,
  caller: Caller,
  login: AnsweredLogin,
): Promise<KeptLogin> {
  const { id, request } = login
  const scope = loginScope(request.scope, login.answer.answer)
  const { vault, grant, replaced } = await add(rooms, caller, login, scope)
  const notices: string[] = []
  const beyond = new Set(scope.beyond)
  for (const audience of (request.audience ?? []).slice(1)) {
    const learnt = await learnAudience(rooms, caller, login, audience)
    if (learnt === undefined) notices.push(`no token could be had for "${audience}"`)
    for (const extra of learnt?.beyond ?? []) beyond.add(extra)
  }
  if (beyond.size > 0)
    notices.push(
      `the issuer granted "${formatScope([...beyond])}" besides what was asked; it is not used, and no token that can do it is handed out`,
    )
  try {
    await rooms.audit.appendDurably({
      event: 'login.completed',
      ...factsOf(caller, login),
      scope: Object.values(vault.get(id)?.scopes ?? {}).flat(),
    })
  } catch {
    notices.push('the audit log cannot be written: this login is not on record')
  }
  for (const old of replaced)
    if (!(await replace(rooms, caller, old)))
      notices.push(`the earlier login of "${old.name}" could not be ended yet; it is tried again`)
  return {
    detail: grantDetail(vault.get(id) ?? grant, undefined, rooms.clock.now()),
    notices,
  }
}

interface Added {
  readonly vault: Vault
  readonly grant: Grant
  /** The grants of the same name, which it replaces. */
  readonly replaced: readonly Grant[]
}

/** The new grant on record and durable, or its refresh token revoked. */
async function add(
  rooms: Rooms,
  caller: Caller,
  login: AnsweredLogin,
  { granted }: LoginScope,
): Promise<Added> {
  const { id, request, metadata } = login
  const { clientId, clientSecret, registrationToken } = login.client
  const { answer, refreshToken, subject } = login.answer
  const client = { clientId, metadata, ...(clientSecret && { clientSecret }) }
  try {
    refuseOtherAudience(login)
    await rooms.audit.appendDurably({
      event: 'login.answered',
      ...factsOf(caller, login),
      scope: granted,
    })
    const vault = rooms.vault()
    const replaced = vault.list().filter((grant) => grant.name === request.grant)
    // of one name the newest counts, also after the clock was set back
    const at = Math.max(rooms.clock.now(), ...replaced.map((old) => old.createdAt + 1))
    const { expiresInSeconds } = answer
    const grant = newGrant({
      id,
      request,
      client: login.client,
      metadata,
      scope: granted,
      expiresInSeconds,
      subject,
      at,
    })
    await vault.add({
      grant,
      refreshToken,
      ...(clientSecret && { clientSecret }),
      ...(registrationToken && { registrationToken }),
    })
    // the issuer knows this client again, if it ever did not
    rooms.backOff.clear(clientKey(grant, clientSecret))
    return { vault, grant, replaced }
  } catch (error) {
    await giveBack(rooms, client, refreshToken)
    throw error
  } finally {
    refreshToken.wipe()
  }
}

/**
 * An issuer that ignores `resource` gives tokens for somebody else: every later one would
 * be refused, so the login fails now. Of an opaque token nobody can tell.
 *
 * @throws GrantdError `invalid_target`
 */
function refuseOtherAudience({ request, metadata, answer }: AnsweredLogin): void {
  const [first] = request.audience ?? []
  if (first !== undefined && !isForAudience(answer.answer.audience, first, metadata.issuer))
    throw new GrantdError('invalid_target', `the issuer gave no token for "${first}" alone`)
}

/** Nobody will ever use it: it must not live on at the issuer. Best effort, the login failed already. */
async function giveBack(rooms: Rooms, client: IssuerClient, refreshToken: Secret): Promise<void> {
  await rooms.issuers.revoke(client, refreshToken, 'refresh_token').catch(() => undefined)
}

/**
 * The login's answer names the scope of one audience; one exchange for each of the
 * others tells what was granted there. An audience that gives no token is not
 * recorded as granted. Whatever goes wrong here, the login itself is complete.
 *
 * @returns `undefined` when the audience is not granted.
 */
async function learnAudience(
  rooms: Rooms,
  caller: Caller,
  { id, request }: AnsweredLogin,
  audience: string,
): Promise<LoginScope | undefined> {
  try {
    const outcome = await rooms.flights.join(id, `learn ${audience}`, () =>
      exchangeOnRecord(rooms, caller, id, { audience, scope: undefined, sentScope: undefined }),
    )
    if (!('token' in outcome)) return undefined
    const scope = loginScope(request.scope, { scope: outcome.token.scope })
    await rooms.vault().change(id, (record) => ({
      ...record,
      grant: withAudience(record.grant, audience, scope.granted),
    }))
    return scope
  } catch {
    // vault or audit log could not be written: what is held of the grant is still whole
    return undefined
  }
}

/**
 * The old login ends here at once; the issuer hears of it without anybody waiting.
 *
 * @returns False when it has not ended; the daemon tries again by itself.
 */
async function replace(rooms: Rooms, caller: Caller, old: Grant): Promise<boolean> {
  let hasEnded = true
  try {
    if (old.state.kind !== 'revoked') await endLocally(rooms, caller, old.id)
  } catch (error) {
    hasEnded = isUnrecorded(error)
  }
  if (hasEnded)
    void (async () => {
      const { state } = await endAtIssuer(rooms, old.id)
      const isOver = state.kind === 'revoked' && state.revocation !== 'queued'
      if (isOver) await removeGrant(rooms, old.id)
    })().catch(() => undefined) // it stays queued in its record
  return hasEnded
}

function factsOf(caller: Caller, { id, request, metadata }: AnsweredLogin) {
  return { peer: caller.peer, grant: request.grant, grantId: id, issuer: metadata.issuer }
}
