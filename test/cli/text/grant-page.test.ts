import t from 'tap'
import { grantPage } from '../../../cli/text/grant-page.ts'
import { GRANT } from '../../fakes/cli-answers.ts'

const clock = { now: () => Date.UTC(2030, 0, 1), offsetMinutes: () => 60 }

t.test('an active grant', async (t) => {
  const refreshed = {
    ...GRANT,
    last_refreshed_at: '2029-12-31T23:58:00Z',
    used_by: [{ executable: '/usr/bin/git', last_used_at: '2029-12-31T23:57:00Z' }],
    exposure: ['non_rotating', 'never_expiring'] as const,
  }
  t.equal(
    grantPage(refreshed, clock),
    `grant       work
state       active
issuer      https://as.example
subject     ada
client      cli
flow        device
scopes      openid
audience    https://api.example  repo:read repo:write
narrowing   honored: a token can have fewer scopes than the grant
generation  7
logged in   2030-01-01 00:00 (1 h ago)
refreshed   2030-01-01 00:58 (2 min ago)
last used   2030-01-01 00:57 (3 min ago)
used by     /usr/bin/git  2030-01-01 00:57 (3 min ago)
exposure    non-rotating, never-expiring
`,
  )
})

t.test('a grant that ended, never used, without scopes', async (t) => {
  const { last_used_at: _, ...unused } = GRANT
  t.equal(
    grantPage(
      {
        ...unused,
        state: 'revoked',
        reason: 'revoked by you\r\x1b[2K',
        scopes: {},
        audiences: ['https://api.example'],
        scope_narrowing: 'none',
        rotation_grace: 60,
        refresh_invalidates_access_tokens: true,
        revocation: 'queued',
        revocation_problem: 'timed out',
        next_attempt_at: '2030-01-01T00:30:00Z',
        access_tokens: { revoked: 0, unsupported: 0, failed: 2 },
        residual_until: '2030-01-01T00:04:00Z',
      },
      clock,
    ),
    `grant       work
state       revoked: revoked by you\u{fffd}\u{fffd}[2K
issuer      https://as.example
subject     ada
client      cli
flow        device
audience    https://api.example
narrowing   none (unknown): never asked for
grace       60 s
sharing     one token for all callers: a refresh ends the one before
generation  7
logged in   2030-01-01 00:00 (1 h ago)
last used   never
revocation  ended here; queued: timed out; next attempt in 30 min
tokens      access tokens: 2 not revoked
residual    access tokens handed out before may work until 2030-01-01 01:04 (in 4 min)
`,
  )
})

t.test('the preset of a login stands below its issuer', async (t) => {
  const told = { ...GRANT, preset: 'gitlab', preset_values: { host: 'git.example' } }
  t.match(grantPage(told, clock), /^preset +gitlab, host=git\.example$/m)
})
