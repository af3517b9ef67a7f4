import type { RevokeAllResponse } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import type { LocalClock } from './moment.ts'
import { revokeText } from './revoke-text.ts'

/** Asked before everything ends. */
export const ALL_QUESTION = 'grantd: end every grant, here and at its issuer?'

/** What ended, a few lines for each grant, and one for the logins that were pending. */
export function endedText(
  { grants, cancelled_logins }: RevokeAllResponse,
  clock: LocalClock,
): string {
  const logins = cancelled_logins === 0 ? '' : `pending logins cancelled: ${cancelled_logins}\n`
  const ended = grants.map((grant) => revokeText(grant, clock)).join('')
  return ended === '' && logins === '' ? 'no grant was left to end\n' : ended + logins
}

/** What did not end, or is not on record; empty when all is well. */
export function unendedText({ failed, broken }: RevokeAllResponse): string {
  return [
    ...failed.map(({ grant, detail }) => `grantd: ${printable(grant)}: ${printable(detail)}\n`),
    ...broken.map(
      ({ file, reason }) =>
        `grantd: record "${printable(file)}" cannot be opened (${printable(reason)}): what it holds is not revoked; end the access at its issuer\n`,
    ),
  ].join('')
}
