import t from 'tap'
import { grantTable, summaryTable } from '../../../cli/text/grant-table.ts'
import { GRANT } from '../../fakes/cli-answers.ts'

const clock = { now: () => Date.UTC(2030, 0, 1) }

t.test('one line a grant, each scope once', async (t) => {
  const { last_used_at: _, ...unused } = GRANT
  const home = {
    ...unused,
    grant: 'home-assistant',
    state: 'login_required' as const,
    scopes: {},
  }
  const twice = { ...GRANT, grant: 'b', scopes: { '': 'a b', 'https://b.example': 'b c' } }
  t.equal(
    grantTable({ grants: [GRANT, home, twice], replaced: [] }, clock),
    `GRANT           STATE           ISSUER              SCOPES                       LAST USED
work            active          https://as.example  openid repo:read repo:write  3 min ago
home-assistant  login_required  https://as.example  -                            never
b               active          https://as.example  a b c                        3 min ago
`,
  )
})

t.test('what is more exposed than it has to be stands below', async (t) => {
  const exposed = { ...GRANT, exposure: ['non_rotating', 'unused_30d'] as const }
  const text = grantTable({ grants: [exposed, { ...GRANT, grant: 'b' }], replaced: [] }, clock)
  t.ok(text.endsWith(' ago\n\nwork: non_rotating, unused_30d\n'))
})

t.test('names and states where there is no more', async (t) => {
  t.equal(summaryTable([{ grant: 'work', state: 'in_doubt' }]), 'GRANT  STATE\nwork   in_doubt\n')
})

t.test('no grants: what to do', async (t) => {
  t.match(
    grantTable({ grants: [], replaced: [] }, clock),
    /^no grants; .*grantd login NAME --issuer URL$/m,
  )
  t.equal(summaryTable([]), grantTable({ grants: [], replaced: [] }, clock))
})

t.test('an issuer cannot draw on the terminal', async (t) => {
  const evil = { ...GRANT, issuer: 'https://as.example/\x1b[2J', scopes: { '': 'a\u{202e}b' } }
  const text = grantTable({ grants: [evil], replaced: [] }, clock)
  for (const character of ['\x1b', '\u{202e}']) t.notOk(text.includes(character))
})

t.test('what is queued stands below, also of logins that were replaced', async (t) => {
  const queued = {
    ...GRANT,
    state: 'revoked' as const,
    revocation: 'queued' as const,
    revocation_problem: 'connection\x1b refused',
    next_attempt_at: '2030-01-01T00:05:00Z',
  }
  const text = grantTable(
    { grants: [GRANT, { ...queued, grant: 'home' }], replaced: [queued] },
    clock,
  )
  t.equal(
    text.slice(text.indexOf('\n\n')),
    `

home: ended here; queued: connection\u{fffd} refused; next attempt in 5 min
work (an earlier login): ended here; queued: connection\u{fffd} refused; next attempt in 5 min
`,
  )
})
