import type { UnreachableReason } from '@grantd/client'
import t from 'tap'
import type { DoctorFacts } from '../../../cli/doctor/facts.ts'
import type { Finding } from '../../../cli/doctor/finding.ts'
import { judgeReach } from '../../../cli/doctor/judge-reach.ts'
import type { PathFact } from '../../../cli/doctor/look.ts'
import { DIRECTORY, SERVICE, SOCKET, UID, WELL } from '../../fakes/well-machine.ts'

const directory = (fact: PathFact, path = '/run/grantd') => ({ directory: { path, fact } })

/** As root makes it for somebody else. */
const ofRoot = directory({ ...DIRECTORY, uid: 0, mode: 0o755 }, `/run/grantd/${UID}`)

const broker = (fact: PathFact) => ({
  sockets: { ...WELL.sockets, broker: { path: '/run/grantd/broker.sock', fact } },
})

/** A change that spoils the machine, and the only line that is not `ok` then. */
const CASES: readonly [Partial<DoctorFacts>, Finding['level'], RegExp, RegExp][] = [
  [directory({ kind: 'missing' }), 'fail', /no directory \/run\/grantd/, /grantd serve/],
  [directory({ kind: 'unreadable', detail: 'EACCES' }), 'fail', /EACCES/, /who owns/],
  [directory({ ...DIRECTORY, type: 'other' }), 'fail', /is not a directory/, /remove it/],
  [directory({ ...DIRECTORY, uid: 77 }), 'fail', /belongs to uid 77/, /do not use it/],
  [directory({ ...DIRECTORY, uid: 0, mode: 0o777 }), 'fail', /belongs to uid 0/, /do not use it/],
  [directory({ ...DIRECTORY, mode: 0o755 }), 'fail', /open to others/, /chmod 700/],
  [broker({ kind: 'missing' }), 'fail', /no socket .*broker\.sock/, /grantd serve/],
  [broker({ ...SOCKET, type: 'other' }), 'fail', /is not a socket/, /remove it/],
  [broker({ ...SOCKET, uid: 0 }), 'fail', /belongs to uid 0/, /do not use it/],
  [broker({ ...SOCKET, mode: 0o666 }), 'warn', /open to others/, /chmod 600/],
  [{ health: { kind: 'refused', detail: 'a relay' } }, 'fail', /refuses .*a relay/, /own login/],
  [
    { health: { kind: 'answer', value: { status: 'ok', version: '0.0.9' } } },
    'warn',
    /version 0\.0\.9, this command 0\.1\.0/,
    /restart the daemon/,
  ],
  [
    { health: { kind: 'answer', value: { status: 'degraded', version: '0.1.0' } } },
    'warn',
    /with limits/,
    /below/,
  ],
  [{ status: { kind: 'refused', detail: 'a relay' } }, 'fail', /admin socket/, /local login/],
  [
    { status: { kind: 'silent', reason: 'not_running', detail: 'gone' } },
    'fail',
    /the admin socket gives no answer: gone/,
    /start the daemon/,
  ],
]

t.test('on a machine where all is well every line is ok', async (t) => {
  const findings = judgeReach(WELL, '0.1.0')
  t.ok(findings.every(({ level, advice }) => level === 'ok' && advice === undefined))
  t.equal(findings.length, 4)
})

t.test('a directory that root has made is well, where nobody else can write to it', async (t) => {
  const [first] = judgeReach({ ...WELL, ...ofRoot }, '1')
  t.match(first, { level: 'ok', what: `directory /run/grantd/${UID}, which root has made` })
})

t.test('what root has set up root has to look at', async (t) => {
  const silent = { kind: 'silent', reason: 'not_running', detail: 'why', hint: 'serve' } as const
  const facts = {
    ...WELL,
    ...ofRoot,
    ...broker({ kind: 'missing' }),
    health: silent,
    status: silent,
  }
  const bad = judgeReach(facts, '0.1.0').filter(({ level }) => level !== 'ok')
  const advice = `have root look: systemctl status grantd@${UID}.service grantd@${UID}.socket`
  t.match(bad, [
    { what: /^no socket/, advice },
    { what: 'no daemon answers: why', advice },
  ])
})

t.test('each fault is one line that says what to do', async (t) => {
  for (const [change, level, what, advice] of CASES) {
    const bad = judgeReach({ ...WELL, ...change }, '0.1.0').filter(({ level }) => level !== 'ok')
    t.match(bad, [{ level, what, advice }], `${what}`)
    t.equal(bad.length, 1, `${what}`)
  }
})

t.test('without a daemon one line says so', async (t) => {
  const silent = { kind: 'silent', reason: 'not_running', detail: 'no daemon listens' } as const
  const findings = judgeReach({ ...WELL, health: silent, status: silent }, '0.1.0')
  const bad = findings.filter(({ level }) => level !== 'ok')
  t.match(bad, [{ level: 'fail', what: 'no daemon answers: no daemon listens' }])
  t.equal(bad.length, 1)
})

const SILENCES: readonly [UnreachableReason, number | undefined, RegExp][] = [
  ['untrusted', undefined, /^see above$/],
  ['timed_out', 4242, /^it hangs: end it \(pid 4242\) and start it again: grantd serve$/],
  ['timed_out', undefined, /^it hangs: end it and start it again: grantd serve$/],
  ['lost', undefined, /end it, .* start it again/],
  ['malformed', undefined, /another version/],
  ['not_running', undefined, /^start the daemon: grantd serve$/],
  ['closed', undefined, /^start the daemon/],
]

t.test('each silence has the advice that ends it', async (t) => {
  for (const [reason, hangingPid, advice] of SILENCES) {
    const silent = { kind: 'silent', reason, detail: 'why' } as const
    const facts = { ...WELL, health: silent, status: silent, hangingPid }
    const bad = judgeReach(facts, '0.1.0').filter(({ level }) => level !== 'ok')
    t.match(bad, [{ what: 'no daemon answers: why', advice }], reason)
  }
  const silent = { kind: 'silent', reason: 'not_running', detail: 'why', hint: 'do it' } as const
  t.match(judgeReach({ ...WELL, health: silent }, '0.1.0').at(-1), { advice: 'do it' })
})

t.test('where systemd listens and starts nothing, it says why', async (t) => {
  const silent = { kind: 'silent', reason: 'timed_out', detail: 'why' } as const
  const [service, ...sockets] = SERVICE.states
  const states = [{ ...service, active: 'activating', mainPid: 0 }, ...sockets]
  const advised = (changed: typeof states) => {
    const facts = {
      ...WELL,
      health: silent,
      hangingPid: 17,
      service: { ...SERVICE, states: changed },
    }
    return judgeReach(facts, '0.1.0').at(-1)?.advice
  }
  t.match(advised(states), /^systemd cannot start it, .*status grantd\.service$/)
  t.match(advised([service, ...sockets]), /^it hangs/, 'it has a process')
  t.match(advised(states.slice(0, 1)), /^it hangs/, 'nobody listens')
})

function withPaths(broker: string, admin: string, platform = 'linux'): Finding[] {
  const missing: PathFact = { kind: 'missing' }
  const silent = { kind: 'silent', reason: 'untrusted', detail: 'the path' } as const
  const facts: DoctorFacts = {
    ...WELL,
    platform,
    directory: { path: '.', fact: { kind: 'present', type: 'directory', mode: 0o755, uid: UID } },
    sockets: { broker: { path: broker, fact: missing }, admin: { path: admin, fact: missing } },
    health: silent,
    status: silent,
  }
  return judgeReach(facts, '0.1.0')
}

t.test('a path no socket can have is the only thing to say', async (t) => {
  t.match(withPaths('foo.sock', 'admin.sock'), [
    { level: 'fail', what: 'GRANTD_SOCK must be an absolute path, not foo.sock' },
  ])
  t.equal(withPaths('foo.sock', 'admin.sock').length, 1)
  for (const [platform, bytes] of [
    ['linux', 107],
    ['darwin', 103],
  ] as const) {
    const long = withPaths(`/${'x'.repeat(bytes)}`, '/a', platform)
    t.match(long, [{ level: 'fail', what: new RegExp(`too long.* ${bytes} bytes`) }])
    t.equal(long.length, 1)
    t.not(withPaths(`/${'x'.repeat(bytes - 1)}`, '/a', platform).length, 1)
  }
})

t.test('a bad path of the admin socket alone hides nothing about the broker', async (t) => {
  const sockets = { ...WELL.sockets, admin: { path: 'a.sock', fact: { kind: 'missing' } as const } }
  const status = { kind: 'silent', reason: 'untrusted', detail: 'the path' } as const
  const bad = judgeReach({ ...WELL, sockets, status }, '0.1.0').filter(
    ({ level }) => level !== 'ok',
  )
  t.match(bad, [{ what: /^GRANTD_ADMIN_SOCK must be/, advice: /unset GRANTD_ADMIN_SOCK/ }])
  t.equal(bad.length, 1)
})
