import t from 'tap'
import type { Finding } from '../../../cli/doctor/finding.ts'
import { judgeLinger, judgeService } from '../../../cli/doctor/judge-service.ts'
import type { ServiceFacts, UnitFact } from '../../../cli/doctor/service-facts.ts'
import type { UnitState } from '../../../cli/doctor/unit-states.ts'
import { SERVICE } from '../../fakes/well-machine.ts'

/** The process of the service. */
const PID = 4242

const [RUNNING, LISTENING, ADMIN] = SERVICE.states

const unit = (change: Partial<Extract<UnitFact, { kind: 'present' }>>): Partial<ServiceFacts> => ({
  unit: { ...SERVICE.unit, ...change },
})

const NODE = { path: '/usr/bin/node', target: '/usr/bin/node' }
const SCRIPT = { path: '/opt/grantd/main.js', target: '/opt/grantd/main.js' }

const states = (...changed: UnitState[]): Partial<ServiceFacts> => ({ states: changed })

/** A change that spoils the service, and the only line that is not `ok` then. */
const CASES: readonly [Partial<ServiceFacts>, Finding['level'], RegExp, RegExp][] = [
  [
    { unit: { kind: 'unreadable', path: '/u', detail: 'EACCES' } },
    'fail',
    /unit \/u: EACCES/,
    /owns/,
  ],
  [
    unit({ command: { program: { path: '/gone/node' }, script: SCRIPT } }),
    'fail',
    /starts \/gone\/node, which is not there/,
    /^grantd service install$/,
  ],
  [
    unit({ command: { program: NODE, script: { path: '/gone.js' } } }),
    'fail',
    /starts \/gone\.js, which/,
    /^grantd service install$/,
  ],
  [
    unit({ isOurs: false, command: { program: { path: '/gone' } } }),
    'fail',
    /starts \/gone/,
    /^correct ExecStart= in .*grantd\.service$/,
  ],
  [
    unit({ command: { program: { path: '/n', target: '/nvm/20/node' }, script: SCRIPT } }),
    'warn',
    /^the service starts another node: \/n, and this is \/usr\/bin\/node$/,
    /^grantd service install$/,
  ],
  [
    unit({ command: { program: NODE, script: { path: '/m.js', target: '/m.js' } } }),
    'warn',
    /another command: \/m\.js, and this is \/opt\/grantd\/main\.js/,
    /^grantd service install$/,
  ],
  [
    unit({ isOurs: false, command: { program: { path: '/g', target: '/old/main.js' } } }),
    'warn',
    /another command: \/g/,
    /correct ExecStart=/,
  ],
  [states({ ...RUNNING, load: 'masked' }), 'warn', /masked/, /unmask grantd\.service/],
  [states({ ...RUNNING, load: 'bad-setting' }), 'fail', /cannot load.*bad-setting/, /install/],
  [
    states({ ...RUNNING, active: 'failed' }),
    'fail',
    /grantd\.service has failed/,
    /systemctl --user status grantd\.service.*reset-failed/,
  ],
  [states({ ...RUNNING, needsReload: true }), 'warn', /older unit/, /daemon-reload/],
  [
    states(RUNNING, { ...LISTENING, active: 'inactive' }, ADMIN),
    'warn',
    /does not listen: grantd\.socket$/,
    /enable --now grantd\.socket$/,
  ],
  [states({ ...RUNNING, mainPid: 1 }), 'warn', /pid 4242\) is not the one/, /systemd start its/],
]

t.test('a service that is well', async (t) => {
  const findings = judgeService(SERVICE, PID)
  t.ok(findings.every(({ level, advice }) => level === 'ok' && advice === undefined))
  t.same(findings.length, 4)
  t.same(judgeService({ ...SERVICE, states: [] }, undefined).length, 1, 'no manager answers')
})

t.test('each fault is one line that says what to do', async (t) => {
  for (const [change, level, what, advice] of CASES) {
    const bad = judgeService({ ...SERVICE, ...change }, PID).filter(({ level }) => level !== 'ok')
    t.match(bad, [{ level, what, advice }], `${what}`)
    t.equal(bad.length, 1, `${what}`)
  }
})

t.test('both may have changed', async (t) => {
  const target = '/elsewhere'
  const command = { program: { path: '/n', target }, script: { path: '/s', target } }
  const warned = judgeService({ ...SERVICE, ...unit({ command }) }, PID).slice(0, 2)
  t.match(warned, [{ what: /another node/ }, { what: /another command/ }])
})

t.test('what cannot be told is not guessed', async (t) => {
  const { node, script, ...unknown } = SERVICE
  t.ok(
    judgeService(unknown, PID).every(({ level }) => level === 'ok'),
    `${node} ${script}`,
  )
  const { command, ...rest } = SERVICE.unit
  t.ok(command)
  t.match(judgeService({ ...SERVICE, unit: rest }, PID)[0], {
    level: 'fail',
    what: /not as it was written/,
  })
  t.match(judgeService({ ...SERVICE, unit: { ...rest, isOurs: false } }, PID)[0], { level: 'ok' })
  const none = { unit: { kind: 'missing' }, isRemote: true } as const
  t.same(judgeService(none, PID), [], 'no unit and no manager')
  const notFound = SERVICE.states.map((each) => ({ ...each, load: 'not-found' }))
  t.match(judgeService({ ...none, states: notFound }, PID), [
    { level: 'ok', advice: /grantd service install/ },
  ])
  t.ok(
    judgeService(SERVICE, undefined).every(({ level }) => level === 'ok'),
    'no daemon',
  )
  const masked = judgeService({ ...SERVICE, states: [{ ...RUNNING, load: 'masked' }] }, 1)
  t.notMatch(masked, [{ what: /not the one of the service/ }])
})

t.test('who needs the service after the last logout', async (t) => {
  const without = { ...SERVICE, lingers: false }
  t.match(judgeLinger(SERVICE), [{ level: 'ok', what: /stay after/ }])
  t.match(judgeLinger(without), [{ level: 'warn', advice: /enable-linger/ }])
  t.match(judgeLinger({ ...without, isRemote: false }), [{ level: 'ok', advice: /enable-linger/ }])
  const none = { unit: { kind: 'missing' }, isRemote: true } as const
  t.match(judgeLinger({ ...none, lingers: false }), [{ level: 'ok' }], 'nothing is installed')
  const states = SERVICE.states
  t.match(judgeLinger({ ...none, lingers: false, states }), [{ level: 'warn' }], 'by the system')
  t.same(judgeLinger(none), [])
})

t.test('what changes a unit beside its file is named', async (t) => {
  const dropIns = '/home/me/.config/systemd/user/grantd.service.d/override.conf'
  const findings = judgeService({ ...SERVICE, ...states({ ...RUNNING, dropIns }) }, PID)
  t.match(
    findings.find(({ what }) => what.includes('changed by')),
    {
      level: 'ok',
      what: `unit grantd.service is changed by ${dropIns}`,
      advice: /systemctl --user cat grantd\.service$/,
    },
  )
  t.notOk(judgeService(SERVICE, PID).some(({ what }) => what.includes('changed by')))
})
