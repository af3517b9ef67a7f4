import { GrantdError } from '@grantd/client/connection'
import type { GrantDetail, LoginRequest } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { World } from './world.ts'

/** What a login can take over from the one before it. */
export type EarlierLogin = Pick<LoginRequest, 'flow'> & Partial<LoginRequest>

/**
 * How the grant of that name was logged in last, so that the hint `grantd login NAME` can be
 * followed as it stands; `undefined` when the daemon knows no such grant.
 *
 * @throws GrantdError every other refusal
 */
export async function earlierLogin(world: World, grant: string): Promise<EarlierLogin | undefined> {
  try {
    const call = { method: 'GET', path: `/v1/grants/${grant}` } as const
    const reply = await world.connect('admin').request(call)
    return takenOver(answer<GrantDetail>(reply, 'issuer', 'client_id', 'flow', 'scopes'))
  } catch (error) {
    if (error instanceof GrantdError && error.code === 'unknown_grant') return undefined
    throw error
  }
}

function takenOver(grant: GrantDetail): EarlierLogin {
  const scopes = new Set(Object.values(grant.scopes).flatMap((words) => words.split(' ')))
  const { rotation_grace: grace, refresh_invalidates_access_tokens: isShared } = grant
  return {
    // by the preset again: an issuer without a metadata document is known by it alone
    ...(grant.preset === undefined
      ? { issuer: grant.issuer }
      : { preset: grant.preset, preset_values: grant.preset_values ?? {} }),
    // a client that was deleted with the grant cannot come back
    ...(grant.registered_client === 'deleted' ? {} : { client_id: grant.client_id }),
    flow: grant.flow,
    ...(scopes.size === 0 ? {} : { scope: [...scopes].join(' ') }),
    ...(grant.audiences.length === 0 ? {} : { audience: grant.audiences }),
    scope_narrowing: grant.scope_narrowing,
    ...(grace === undefined ? {} : { rotation_grace: grace }),
    ...(isShared === undefined ? {} : { refresh_invalidates_access_tokens: isShared }),
  }
}
