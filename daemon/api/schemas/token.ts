import { PATTERNS } from '@grantd/client/protocol'
import { anyInteger, anyString, audience, closed, grantName, scope, text } from './parts.ts'

const tokenMembers = closed(
  {
    grant: grantName,
    issuer: audience,
    scope,
    audience,
    min_ttl: { type: 'integer', minimum: 0, maximum: 86_400 },
    rejected: text(PATTERNS.tokenHash, 43),
    purpose: text(PATTERNS.purpose, 200),
  },
  [],
)

/** Body of `POST /v1/token`: of which grant, by its name, its issuer or its audience. */
export const tokenRequest = { ...tokenMembers, minProperties: 1 }

/** The same on the socket of a capability, which knows its grant. */
export const heldTokenRequest = tokenMembers

/** Its answer. */
export const tokenResponse = closed(
  {
    access_token: anyString,
    token_type: anyString,
    expires_in: anyInteger,
    scope: anyString,
    audience: anyString,
    grant: anyString,
    generation: anyInteger,
  },
  ['access_token', 'token_type', 'expires_in', 'scope', 'grant', 'generation'],
)
