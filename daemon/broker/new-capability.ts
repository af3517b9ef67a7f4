import {
  CAPABILITY_LIFE_SECONDS,
  CAPABILITY_TTL_SECONDS,
  type CapabilityDetail,
  type CapabilityRequest,
  GrantdError,
} from '@grantd/client/protocol'
import type { Capability } from '../capability/capability.ts'
import type { Grant } from '../grant/grant.ts'
import { formatScope } from '../grant/scope.ts'
import { narrowScope } from '../policy/narrow-scope.ts'

/**
 * What somebody asks for, with everything they left out. Nothing in it goes beyond the
 * grant, and what the issuer could not narrow to is refused now and not at the first use.
 *
 * @param at Milliseconds since the epoch.
 * @throws GrantdError `invalid_scope`, `invalid_target`, `login_required`, `invalid_request`
 */
export function newCapability(
  grant: Grant,
  request: CapabilityRequest,
  { at, defaultPath }: { readonly at: number; readonly defaultPath: string },
): Capability {
  if (grant.state.kind === 'revoked' || grant.state.kind === 'login_required')
    throw new GrantdError('login_required', `"${grant.name}" gives no tokens`, {
      hint: `grantd login ${grant.name}`,
    })
  if (request.gid !== undefined && request.path === undefined)
    throw new GrantdError(
      'invalid_request',
      'with "gid" a "path" is needed that the group can reach',
    )
  const { scope, audience } = narrowScope(grant, request)
  const life = request.expires_in ?? CAPABILITY_LIFE_SECONDS.usual
  return {
    name: request.name,
    grant: grant.name,
    grantId: grant.id,
    scope,
    ...(audience !== undefined && { audience }),
    maxTtlSeconds: request.max_ttl ?? CAPABILITY_TTL_SECONDS.usual,
    ...(request.uses !== undefined && { uses: request.uses }),
    used: 0,
    createdAt: at,
    expiresAt: at + life * 1000,
    path: request.path ?? defaultPath,
    ...(request.gid !== undefined && { gid: request.gid }),
  }
}

/** What is told of one. */
export function capabilityDetail(capability: Capability): CapabilityDetail {
  const { audience, uses, bound, gid } = capability
  return {
    name: capability.name,
    grant: capability.grant,
    scope: formatScope(capability.scope),
    ...(audience !== undefined && { audience }),
    max_ttl: capability.maxTtlSeconds,
    used: capability.used,
    ...(uses !== undefined && { uses }),
    created_at: new Date(capability.createdAt).toISOString(),
    expires_at: new Date(capability.expiresAt).toISOString(),
    path: capability.path,
    ...(bound !== undefined && { bound_pid: bound.pid }),
    ...(gid !== undefined && { gid }),
  }
}
