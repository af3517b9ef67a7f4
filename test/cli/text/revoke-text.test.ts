import type { RevocationState } from '@grantd/client/protocol'
import t from 'tap'
import { residualSentence, revocationSentence, revokeText } from '../../../cli/text/revoke-text.ts'

const clock = { now: () => Date.UTC(2030, 0, 1), offsetMinutes: () => 60 }

t.test('only what happened is said', async (t) => {
  const cases: [RevocationState, RegExp][] = [
    ['none', /^ended here; nothing was left to revoke at the issuer$/],
    ['queued', /^ended here; queued: the issuer could not be reached/],
    ['revoked_at_issuer', /^revoked at the issuer$/],
    [
      'uncertain',
      /^the issuer accepted the revocation, but an answer was lost before: a newer token may live until it expires$/,
    ],
    ['unsupported', /^ended here; the issuer has no revocation endpoint/],
  ]
  for (const [state, sentence] of cases) t.match(revocationSentence(state), sentence)
})

t.test('a person learns until when older tokens work', async (t) => {
  t.equal(
    revokeText({ grant: 'work', revocation: 'revoked_at_issuer' }, clock),
    'work: revoked at the issuer\n',
  )
  t.equal(
    revokeText(
      { grant: 'work', revocation: 'queued', residual_until: '2030-01-01T00:04:00Z' },
      clock,
    ),
    `work: ended here; queued: the issuer could not be reached; the daemon keeps trying
      access tokens handed out before may work until 2030-01-01 01:04 (in 4 min)
`,
  )
  t.equal(
    residualSentence('2029-12-31T23:00:00Z', clock),
    'the last access token ended 2030-01-01 00:00 (1 h ago)',
  )
})
