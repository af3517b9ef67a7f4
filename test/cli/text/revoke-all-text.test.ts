import t from 'tap'
import { endedText, unendedText } from '../../../cli/text/revoke-all-text.ts'
import { NOT_REVOKED } from '../../fakes/cli-answers.ts'

const clock = { now: () => Date.UTC(2030, 0, 1), offsetMinutes: () => 0 }
const nothing = { grants: [], failed: [], broken: [], cancelled_logins: 0 }

t.test('what ended is told grant by grant', async (t) => {
  const revoked = { ...NOT_REVOKED, revocation: 'revoked_at_issuer', verified: true } as const
  const grants = [
    { ...revoked, grant: 'work' },
    { ...NOT_REVOKED, grant: 'home' },
  ]
  t.equal(
    endedText({ ...nothing, grants, cancelled_logins: 2 }, clock),
    `work: revoked at the issuer, which confirms that it is over
home: ended here; nothing was left to revoke at the issuer
pending logins cancelled: 2
`,
  )
  t.equal(endedText(nothing, clock), 'no grant was left to end\n')
  t.equal(endedText({ ...nothing, cancelled_logins: 1 }, clock), 'pending logins cancelled: 1\n')
})

t.test('what did not end is told as well', async (t) => {
  t.equal(unendedText(nothing), '')
  t.equal(
    unendedText({
      ...nothing,
      failed: [{ grant: 'work', code: 'vault_locked', detail: 'no\x1b room' }],
      broken: [{ file: 'AAAA.grant', reason: 'sealed on another machine' }],
    }),
    `grantd: work: no\u{fffd} room
grantd: record "AAAA.grant" cannot be opened (sealed on another machine): what it holds is not revoked; end the access at its issuer
`,
  )
})
