import type { GrantDetail, LoginRequest } from '@grantd/client/protocol'
import { Secret } from '../base/secret.ts'
import type { Grant, IssuerMetadata } from '../grant/grant.ts'
import type { LoginAnswer } from '../issuer/issuer.ts'
import { refreshGrant } from '../refresh/refresh-grant.ts'
import { grantDetail } from './grant-detail.ts'
import { newGrant, withAudience } from './new-grant.ts'
import { endAtIssuer, endLocally } from './revoke-grant.ts'
import type { Caller, Rooms } from './rooms.ts'

/** A login that the issuer answered. */
export interface AnsweredLogin {
  readonly id: string
  readonly request: LoginRequest
  readonly metadata: IssuerMetadata
  readonly answer: Extract<LoginAnswer, { kind: 'answered' }>
}

/** The new grant, and the audiences that were asked for but gave no token. */
export interface KeptLogin {
  readonly detail: GrantDetail
  readonly missingAudiences: readonly string[]
}

/**
 * Makes the new grant durable, learns what was granted for its other audiences, and
 * only then ends the grants of the same name that it replaces.
 *
 * @throws GrantdError `vault_locked`, `audit_unavailable`
 */
export async function keepLogin(
  rooms: Rooms,
  caller: Caller,
  login: AnsweredLogin,
): Promise<KeptLogin> {
  const { id, request, metadata, answer } = login
  const vault = rooms.vault()
  const replaced = vault.list().filter((grant) => grant.name === request.grant)
  // of one name the newest counts, also after the clock was set back
  const at = Math.max(rooms.clock.now(), ...replaced.map((old) => old.createdAt + 1))
  const grant = newGrant({ id, request, metadata, answer: answer.answer, at })
  const clientSecret =
    request.client_secret === undefined ? undefined : Secret.fromText(request.client_secret)
  try {
    await vault.add({
      grant,
      refreshToken: answer.refreshToken,
      ...(clientSecret && { clientSecret }),
    })
  } finally {
    answer.refreshToken.wipe()
    clientSecret?.wipe()
  }
  const missingAudiences: string[] = []
  for (const audience of (request.audience ?? []).slice(1))
    if (!(await learnAudience(rooms, id, audience))) missingAudiences.push(audience)
  await rooms.audit.appendDurably({
    event: 'login.completed',
    peer: caller.peer,
    grant: grant.name,
    grantId: id,
    issuer: metadata.issuer,
    scope: Object.values(vault.get(id)?.scopes ?? {}).flat(),
  })
  for (const old of replaced) await replace(rooms, caller, old)
  return {
    detail: grantDetail(vault.get(id) ?? grant, undefined, rooms.clock.now()),
    missingAudiences,
  }
}

/**
 * The login's answer names the scope of one audience; one exchange for each of the
 * others tells what was granted there. An audience that gives no token is not
 * recorded as granted. Whatever goes wrong here, the login itself is complete.
 *
 * @returns True when the audience is granted.
 */
async function learnAudience(rooms: Rooms, id: string, audience: string): Promise<boolean> {
  const vault = rooms.vault()
  try {
    const outcome = await rooms.flights.join(id, `learn ${audience}`, () =>
      refreshGrant({ clock: rooms.clock, vault, issuers: rooms.issuers }, id, {
        audience,
        scope: undefined,
        sentScope: undefined,
      }),
    )
    if (outcome.kind !== 'rotated' && outcome.kind !== 'unchanged') return false
    await vault.change(id, (record) => ({
      ...record,
      grant: withAudience(record.grant, audience, outcome.token.scope),
    }))
    return true
  } catch {
    // the vault could not be written: what it holds of the grant is still whole
    return false
  }
}

/** The old login ends here at once; the issuer hears of it without anybody waiting. */
async function replace(rooms: Rooms, caller: Caller, old: Grant): Promise<void> {
  if (old.state.kind !== 'revoked') await endLocally(rooms, caller, old.id)
  void (async () => {
    const ended = await endAtIssuer(rooms, old.id)
    const isOver = ended.state.kind === 'revoked' && ended.state.revocation !== 'queued'
    if (isOver) await rooms.vault().remove(old.id)
  })().catch(() => undefined) // it stays queued in its record
}
