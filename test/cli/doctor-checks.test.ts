import t from 'tap'
import { type Finding, judgeFacts } from '../../cli/doctor-checks.ts'
import type { DoctorFacts, PathFact } from '../../cli/doctor-facts.ts'
import { STATUS } from '../fakes/cli-answers.ts'

const UID = 1000
const DIRECTORY: PathFact = { kind: 'present', type: 'directory', mode: 0o700, uid: UID }
const SOCKET: PathFact = { kind: 'present', type: 'socket', mode: 0o600, uid: UID }

/** A machine on which all is well. */
const WELL: DoctorFacts = {
  nodeVersion: '22.1.0',
  uid: UID,
  isFindable: true,
  directory: { path: '/run/grantd', fact: DIRECTORY },
  sockets: {
    broker: { path: '/run/grantd/broker.sock', fact: SOCKET },
    admin: { path: '/run/grantd/admin.sock', fact: SOCKET },
  },
  health: { kind: 'answer', value: STATUS },
  status: { kind: 'answer', value: STATUS },
  lingers: true,
}

const directory = (fact: PathFact) => ({ directory: { path: '/run/grantd', fact } })

const broker = (fact: PathFact) => ({
  sockets: { ...WELL.sockets, broker: { path: '/run/grantd/broker.sock', fact } },
})

const status = (change: Partial<typeof STATUS>) => ({
  status: { kind: 'answer', value: { ...STATUS, ...change } } as const,
})

/** A change that spoils the machine, and the only line that is not `ok` then. */
const CASES: readonly [Partial<DoctorFacts>, Finding['level'], RegExp, RegExp][] = [
  [{ nodeVersion: '18.20.0' }, 'fail', /Node 18\.20\.0 is too old/, /Node 20/],
  [{ isFindable: false }, 'warn', /XDG_RUNTIME_DIR is not set/, /GRANTD_SOCK/],
  [directory({ kind: 'missing' }), 'fail', /no directory \/run\/grantd/, /grantd serve/],
  [directory({ kind: 'unreadable', detail: 'EACCES' }), 'fail', /EACCES/, /who owns/],
  [directory({ ...DIRECTORY, type: 'other' }), 'fail', /is not a directory/, /remove it/],
  [directory({ ...DIRECTORY, uid: 0 }), 'fail', /belongs to uid 0/, /do not use it/],
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
  [status({ vault: { kind: 'memory', detail: 'no keychain' } }), 'warn', /no keychain/, /install/],
  [status({ vault: { kind: 'locked', detail: 'it is locked' } }), 'fail', /it is locked/, /unlock/],
  [status({ config: { path: '/c', problem: 'line 3' } }), 'fail', /\/c: line 3/, /correct/],
]

t.test('on a machine where all is well every line is ok', async (t) => {
  const findings = judgeFacts(WELL, '0.1.0')
  t.ok(findings.every(({ level, advice }) => level === 'ok' && advice === undefined))
  t.equal(findings.length, 8)
})

t.test('each fault is one line that says what to do', async (t) => {
  for (const [change, level, what, advice] of CASES) {
    const bad = judgeFacts({ ...WELL, ...change }, '0.1.0').filter(({ level }) => level !== 'ok')
    t.match(bad, [{ level, what, advice }], `${what}`)
    t.equal(bad.length, 1, `${what}`)
  }
})

t.test('without a daemon one line says so', async (t) => {
  const silent = { kind: 'silent', detail: 'no daemon listens' } as const
  const findings = judgeFacts({ ...WELL, health: silent, status: silent }, '0.1.0')
  const bad = findings.filter(({ level }) => level !== 'ok')
  t.match(bad, [{ level: 'fail', what: 'no daemon answers: no daemon listens' }])
  t.equal(bad.length, 1)
})

function last(lingers: boolean | undefined): Finding | undefined {
  return judgeFacts({ ...WELL, lingers }, '0.1.0').at(-1)
}

t.test('lingering is a matter of taste', async (t) => {
  t.match(last(false), { level: 'ok', advice: /enable-linger/ })
  t.match(last(true), { level: 'ok', what: /stay after the last logout/ })
  t.match(last(undefined), { what: /^configuration/ })
})
