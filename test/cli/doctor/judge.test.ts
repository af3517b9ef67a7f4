import t from 'tap'
import type { DoctorFacts } from '../../../cli/doctor/facts.ts'
import type { Finding } from '../../../cli/doctor/finding.ts'
import { judgeFacts } from '../../../cli/doctor/judge.ts'
import { STATUS, VAULT } from '../../fakes/cli-answers.ts'
import { SERVICE, WELL } from '../../fakes/well-machine.ts'

const status = (change: Partial<typeof STATUS>) => ({
  status: { kind: 'answer', value: { ...STATUS, ...change } } as const,
})

/** A change that spoils the machine, and the only line that is not `ok` then: one of each part. */
const CASES: readonly [Partial<DoctorFacts>, Finding['level'], RegExp, RegExp][] = [
  [{ nodeVersion: '18.20.0' }, 'fail', /Node 18\.20\.0 is too old/, /Node 20\.12/],
  [{ nodeVersion: '20.11.1' }, 'fail', /Node 20\.11\.1 is too old/, /Node 20\.12/],
  [{ isFindable: false }, 'warn', /XDG_RUNTIME_DIR is not set/, /GRANTD_SOCK/],
  [status({ pid: 17 }), 'warn', /pid 17\) is not the one of the service/, /end it/],
  [{ health: { kind: 'refused', detail: 'a relay' } }, 'fail', /refuses .*a relay/, /own login/],
  [status({ vault: { kind: 'memory', detail: 'no keychain' } }), 'warn', /no keychain/, /install/],
  [
    { vault: { kind: 'answer', value: { ...VAULT, rekey_unfinished: true } } },
    'warn',
    /two sealing keys/,
    /grantd vault rekey/,
  ],
  [
    { policy: { kind: 'answer', value: { files: [], mode: 'audit', rules: [] } } },
    'warn',
    /only tried out/,
    /enforce/,
  ],
  [{ openness: 'open' }, 'fail', /can read the memory/, /start it again/],
  [
    { system: { swaps: [{ path: '/dev/sda2', type: 'partition', store: 'plain' }] } },
    'warn',
    /swap \/dev\/sda2 is not encrypted/,
    /dm-crypt/,
  ],
  [{ service: { ...SERVICE, lingers: false } }, 'warn', /last logout/, /enable-linger/],
  [
    {
      leftovers: [
        {
          path: '/tmp/grantd-1000',
          fact: { kind: 'present', type: 'directory', mode: 0o700, uid: 1000 },
          isAlive: false,
        },
      ],
    },
    'warn',
    /left over/,
    /rm -r \/tmp\/grantd-1000/,
  ],
  [
    {
      clocks: {
        clocks: [{ issuer: 'https://as.example', answer: { kind: 'date', offsetMs: 400_000 } }],
        unasked: 0,
      },
    },
    'fail',
    /400 s ahead of that of https:\/\/as\.example/,
    /timedatectl/,
  ],
]

t.test('on a machine where all is well every line is ok', async (t) => {
  const findings = judgeFacts(WELL, '0.1.0')
  t.ok(findings.every(({ level, advice }) => level === 'ok' && advice === undefined))
  t.equal(findings.length, 18)
})

t.test('each fault is one line that says what to do', async (t) => {
  for (const [change, level, what, advice] of CASES) {
    const bad = judgeFacts({ ...WELL, ...change }, '0.1.0').filter(({ level }) => level !== 'ok')
    t.match(bad, [{ level, what, advice }], `${what}`)
    t.equal(bad.length, 1, `${what}`)
  }
})

t.test('a daemon that does not answer is asked no more', async (t) => {
  const silent = { kind: 'silent', reason: 'not_running', detail: 'no daemon listens' } as const
  const gone = { health: silent, status: silent, vault: silent, policy: silent }
  const findings = judgeFacts({ ...WELL, ...gone, openness: undefined, system: undefined }, '0.1.0')
  const bad = findings.filter(({ level }) => level !== 'ok')
  t.match(bad, [{ level: 'fail', what: 'no daemon answers: no daemon listens' }])
  t.equal(bad.length, 1)
  t.notMatch(findings, [{ what: /vault|ptrace/ }])
})

t.test('of a daemon that root has set up, the user’s own services tell nothing', async (t) => {
  const fact = { kind: 'present', type: 'directory', mode: 0o755, uid: 0 } as const
  const service = { unit: { kind: 'missing' }, states: [], lingers: false, isRemote: true } as const
  const facts = { ...WELL, service, directory: { path: '/run/grantd/1000', fact } }
  const findings = judgeFacts(facts, '0.1.0')
  t.ok(findings.every(({ level }) => level === 'ok'))
  const texts = findings.map(({ what }) => what).join('\n')
  t.match(texts, 'root has the machine run the daemon, under a uid of its own')
  t.notMatch(texts, /no service|logout/)
})
