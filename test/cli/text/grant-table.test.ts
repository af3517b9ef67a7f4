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
    `GRANT           STATE           ISSUER              SUBJECT  SCOPES                       AUDIENCES            AGE  LAST USED
work            active          https://as.example  ada      openid repo:read repo:write  https://api.example  1 h  3 min ago
home-assistant  login_required  https://as.example  ada      -                            https://api.example  1 h  never
b               active          https://as.example  ada      a b c                        https://api.example  1 h  3 min ago
`,
  )
})

t.test('what no grant has takes no column, and what one has stands in its line', async (t) => {
  const { subject: _, ...nobody } = GRANT
  const bare = { ...nobody, scopes: {}, audiences: [] }
  const used_by = ['/usr/bin/git', 'curl'].map((executable) => ({
    executable,
    last_used_at: '2029-12-31T23:57:00Z',
  }))
  const used = { ...bare, grant: 'b', used_by, last_refreshed_at: '2029-12-31T23:58:00Z' }
  const once = { ...bare, grant: 'c', used_by: used_by.slice(1), created_at: 'soon' }
  const ahead = { ...bare, grant: 'd', created_at: '2030-01-01T00:00:05Z' }
  t.equal(
    grantTable({ grants: [bare, used, once, ahead], replaced: [] }, clock),
    `GRANT  STATE   ISSUER              AGE   REFRESHED  LAST USED
work   active  https://as.example  1 h   -          3 min ago
b      active  https://as.example  1 h   2 min ago  3 min ago by git (+1)
c      active  https://as.example  soon  -          3 min ago by curl
d      active  https://as.example  0 s   -          3 min ago
`,
  )
})

t.test('capabilities stand below with their use count', async (t) => {
  const capabilities = [
    { name: 'ci', used: 2, uses: 10 },
    { name: 'box\x1b', used: 0 },
  ]
  const text = grantTable({ grants: [{ ...GRANT, capabilities }], replaced: [] }, clock)
  t.equal(
    text.slice(text.indexOf('\n\n')),
    `

work: capability ci, used 2 of 10 times
work: capability box\u{fffd}, used 0 times
`,
  )
})

t.test('what is more exposed than it has to be stands below', async (t) => {
  const exposed = { ...GRANT, exposure: ['non_rotating', 'unused_30d'] as const }
  const text = grantTable({ grants: [exposed, { ...GRANT, grant: 'b' }], replaced: [] }, clock)
  t.ok(text.endsWith(' ago\n\nwork: non-rotating, unused for 30 days\n'))
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
