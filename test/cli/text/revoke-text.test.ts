import type { RevocationFacts } from '@grantd/client/protocol'
import t from 'tap'
import {
  accessTokensSentence,
  clientSentence,
  residualSentence,
  revocationSentence,
  revokeText,
} from '../../../cli/text/revoke-text.ts'
import { NOT_REVOKED } from '../../fakes/cli-answers.ts'

const clock = { now: () => Date.UTC(2030, 0, 1), offsetMinutes: () => 60 }

t.test('only what happened is said, and what nobody confirmed', async (t) => {
  const next_attempt_at = '2030-01-01T00:05:00Z'
  const problem = { revocation_problem: 'connection\x1b refused' }
  const cases: [Partial<RevocationFacts>, string][] = [
    [{}, 'ended here; nothing was left to revoke at the issuer'],
    [
      { revocation: 'queued' },
      'ended here; queued: the issuer has not heard of it yet; the daemon keeps trying',
    ],
    [
      { revocation: 'queued', next_attempt_at, ...problem },
      'ended here; queued: connection\u{fffd} refused; next attempt in 5 min',
    ],
    [{ revocation: 'revoked_at_issuer' }, 'revoked at the issuer'],
    [
      { revocation: 'revoked_at_issuer', revocation_problem: 'not confirmed: status 401' },
      'revoked at the issuer; not confirmed: status 401',
    ],
    [
      { revocation: 'revoked_at_issuer', verified: true },
      'revoked at the issuer, which confirms that it is over',
    ],
    [
      { revocation: 'uncertain', ...problem },
      'the issuer accepted the revocation, but an answer was lost before: a newer token may live until it expires; connection\u{fffd} refused',
    ],
    [
      { revocation: 'unsupported' },
      'ended here; the issuer revokes no refresh tokens: end the access there yourself',
    ],
  ]
  for (const [facts, sentence] of cases)
    t.equal(revocationSentence({ ...NOT_REVOKED, ...facts }, clock), sentence)
})

t.test('access tokens are counted by what became of them', async (t) => {
  t.equal(accessTokensSentence({ revoked: 0, unsupported: 0, failed: 0 }), undefined)
  t.equal(
    accessTokensSentence({ revoked: 2, unsupported: 0, failed: 0 }),
    'access tokens: 2 revoked',
  )
  t.equal(
    accessTokensSentence({ revoked: 0, unsupported: 1, failed: 3 }),
    'access tokens: 1 of a type that the issuer does not revoke, 3 not revoked',
  )
})

t.test('a person learns until when older tokens work', async (t) => {
  const answer = { ...NOT_REVOKED, grant: 'work', revocation: 'revoked_at_issuer' } as const
  t.equal(revokeText(answer, clock), 'work: revoked at the issuer\n')
  t.equal(
    revokeText(
      {
        ...answer,
        access_tokens: { revoked: 1, unsupported: 0, failed: 0 },
        residual_until: '2030-01-01T00:04:00Z',
      },
      clock,
    ),
    `work: revoked at the issuer
      access tokens: 1 revoked
      access tokens handed out before may work until 2030-01-01 01:04 (in 4 min)
`,
  )
  t.equal(
    residualSentence('2029-12-31T23:00:00Z', clock),
    'the last access token ended 2030-01-01 00:00 (1 h ago)',
  )
})

t.test('a registered client is told of where there was one', async (t) => {
  t.equal(clientSentence(NOT_REVOKED), undefined)
  for (const [client, words] of [
    ['deleted', /is deleted$/],
    ['kept', /newer login$/],
    ['unsupported', /stays at the issuer$/],
    ['refused', /refused to delete it$/],
  ] as const)
    t.match(clientSentence({ ...NOT_REVOKED, registered_client: client }), words)
})
