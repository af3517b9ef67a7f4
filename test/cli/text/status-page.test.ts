import t from 'tap'
import { statusPage } from '../../../cli/text/status-page.ts'
import { BROKEN_GLASS, STATUS } from '../../fakes/cli-answers.ts'

const NOW = Date.UTC(2030, 0, 1)

t.test('a healthy daemon', async (t) => {
  t.equal(
    statusPage(STATUS, NOW),
    `daemon       ok, version 0.1.0, pid 4242, up 2 h 10 min
vault        sealed: the key is in the login keychain
config       /home/ada/.config/grantd/config.toml
grants       3, 1 login pending
connections  2 open, 0 refused
sockets      broker /run/user/1000/grantd/broker.sock
             admin /run/user/1000/grantd/admin.sock
counters     tokens_issued 12
             refreshes 3
`,
  )
})

t.test('a daemon in trouble', async (t) => {
  const config = { path: '/c.toml', problem: 'line 3: unknown key "polciy"' }
  const text = statusPage(
    { ...STATUS, status: 'degraded', config, pending_logins: 0, sockets: {}, counters: {} },
    NOW,
  )
  t.equal(
    text,
    `daemon       degraded, version 0.1.0, pid 4242, up 2 h 10 min
vault        sealed: the key is in the login keychain
config       /c.toml
             broken: line 3: unknown key "polciy"
grants       3, 0 logins pending
connections  2 open, 0 refused
`,
  )
})

t.test('what was out of the ordinary stands at the end, the newest first', async (t) => {
  const time = '2030-01-01T00:00:00.000Z'
  const text = statusPage(
    {
      ...STATUS,
      recent_anomalies: [
        {
          time,
          event: 'anomaly.burst',
          reason: 'many tokens',
          grant: 'work',
          executable: '/x\u001b',
        },
        {
          time,
          event: 'anomaly.new_class',
          reason: 'new',
          grant: 'work',
          capability: 'ci',
          pid: 7,
        },
        { time, event: 'anomaly.repeated_denials', reason: 'often' },
      ],
    },
    NOW,
  )
  const lines = text.split('\n').slice(-4, -1)
  t.match(lines[0], /^anomalies +2030-\S+ anomaly\.burst work \/x\ufffd \(many tokens\)$/)
  t.match(lines[1], /^ +2030-\S+ anomaly\.new_class work ci pid 7 *\(new\)$/)
  t.match(lines[2], /^ +2030-\S+ anomaly\.repeated_denials *\(often\)$/)
  const { recent_anomalies: _, ...earlier } = STATUS
  t.notMatch(statusPage(earlier as typeof STATUS, NOW), 'anomalies', 'nor is one needed')
})

t.test('a locked vault has no number of grants, but a way out', async (t) => {
  const vault = { kind: 'locked', detail: 'you locked it', hint: 'grantd unlock' } as const
  const text = statusPage({ ...STATUS, vault, grants: 0 }, NOW)
  t.match(text, /^vault +locked: you locked it\n +help: grantd unlock$/m)
  t.match(text, /^grants +not known while the vault is locked, 1 login pending$/m)
})

t.test('lifted rules are announced', async (t) => {
  const text = statusPage({ ...STATUS, break_glass: [BROKEN_GLASS, BROKEN_GLASS] }, NOW)
  t.match(text, /^break-glass +"work", class local, 14:05 left, .*: roll back \(.*\)\n {2,}"work"/m)
})

t.test('a daemon whose sockets somebody else has bound', async (t) => {
  for (const activation of ['systemd', 'launchd'] as const) {
    const line = new RegExp(`\n +bound by ${activation}, which starts the daemon\ncounters `)
    t.match(statusPage({ ...STATUS, activation }, NOW), line)
  }
  t.notMatch(statusPage(STATUS, NOW), /bound by/)
})
