import { anyInteger, anyString, closed } from './parts.ts'
import { brokenRecord } from './vault.ts'

const tokenCounts = closed({ revoked: anyInteger, unsupported: anyInteger, failed: anyInteger }, [
  'revoked',
  'unsupported',
  'failed',
])

/** What became of a grant at its issuer. */
export const revocationMembers = {
  revocation: anyString,
  verified: { type: 'boolean' },
  access_tokens: tokenCounts,
  registered_client: anyString,
  revocation_problem: anyString,
  next_attempt_at: anyString,
  residual_until: anyString,
} as const

/** Those of these members that are always there. */
export const revocationNeeds = ['revocation', 'verified', 'access_tokens'] as const

/** Answer to the revocation of one grant. */
export const revokeResponse = closed({ grant: anyString, ...revocationMembers }, [
  'grant',
  ...revocationNeeds,
])

const revokeFailure = closed({ grant: anyString, code: anyString, detail: anyString }, [
  'grant',
  'code',
  'detail',
])

/** Answer to the revocation of all. */
export const revokeAllResponse = closed(
  {
    grants: { type: 'array', items: revokeResponse },
    failed: { type: 'array', items: revokeFailure },
    broken: { type: 'array', items: brokenRecord },
    cancelled_logins: anyInteger,
  },
  ['grants', 'failed', 'broken', 'cancelled_logins'],
)
