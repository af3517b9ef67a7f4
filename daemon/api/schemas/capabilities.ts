import {
  CAPABILITY_LIFE_SECONDS,
  CAPABILITY_TTL_SECONDS,
  MAX_CAPABILITY_USES,
  PATTERNS,
} from '@grantd/client/protocol'
import { anyInteger, anyString, audience, closed, grantName, scope, text } from './parts.ts'

/** The kernel's own numbers go no further. */
const MAX_ID = 4_294_967_294

/** Longer than any path of a socket, so that what is too long is told with the limit. */
const MAX_PATH = 255

/** The name of a capability in a path. */
export const capabilityParams = closed({ name: grantName }, ['name'])

/** Body of `POST /v1/capabilities`. */
export const capabilityRequest = closed(
  {
    name: grantName,
    grant: grantName,
    scope,
    audience,
    max_ttl: {
      type: 'integer',
      minimum: CAPABILITY_TTL_SECONDS.least,
      maximum: CAPABILITY_TTL_SECONDS.most,
    },
    uses: { type: 'integer', minimum: 1, maximum: MAX_CAPABILITY_USES },
    expires_in: { type: 'integer', minimum: 1, maximum: CAPABILITY_LIFE_SECONDS.most },
    path: text(PATTERNS.path, MAX_PATH),
    bind_pid: { type: 'integer', minimum: 1, maximum: 2_147_483_647 },
    gid: { type: 'integer', minimum: 0, maximum: MAX_ID },
  },
  ['name', 'grant'],
)

const useMembers = { name: anyString, used: anyInteger, uses: anyInteger }

/** How often one was used. */
export const capabilityUse = closed(useMembers, ['name', 'used'])

/** One capability. */
export const capabilityDetail = closed(
  {
    ...useMembers,
    grant: anyString,
    scope: anyString,
    audience: anyString,
    max_ttl: anyInteger,
    created_at: anyString,
    expires_at: anyString,
    path: anyString,
    bound_pid: anyInteger,
    gid: anyInteger,
  },
  ['name', 'grant', 'scope', 'max_ttl', 'used', 'created_at', 'expires_at', 'path'],
)

/** All of them. */
export const capabilityList = closed({ capabilities: { type: 'array', items: capabilityDetail } }, [
  'capabilities',
])
