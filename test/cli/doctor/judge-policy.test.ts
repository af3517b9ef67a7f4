import type { PolicyStatus } from '@grantd/client/protocol'
import t from 'tap'
import { judgePolicy } from '../../../cli/doctor/judge-policy.ts'
import type { PathFact } from '../../../cli/doctor/look.ts'
import { BROKEN_GLASS, STATUS } from '../../fakes/cli-answers.ts'

const PATH = STATUS.config.path
const FILE: PathFact = { kind: 'present', type: 'other', mode: 0o600, uid: 1000 }
const USER = { level: 'user', path: PATH } as const
const SYSTEM = { level: 'system', path: '/etc/grantd/config.toml' } as const
const REFUSED = { kind: 'refused', detail: 'no such route' } as const

const answer = (value: Partial<PolicyStatus>) =>
  ({ kind: 'answer', value: { files: [USER], rules: [], ...value } }) as const

t.test('files in order', async (t) => {
  t.same(judgePolicy(STATUS, answer({ mode: 'enforce' }), FILE), [
    { level: 'ok', what: `configuration ${PATH}` },
  ])
  t.match(judgePolicy(STATUS, answer({}), { kind: 'missing' }), [
    { level: 'ok', what: /config\.toml: none, defaults$/ },
  ])
  const files = [{ ...SYSTEM, sha256: 'a'.repeat(64) }, USER]
  t.match(judgePolicy(STATUS, answer({ files }), FILE), [
    { what: 'configuration /etc/grantd/config.toml' },
    { what: `configuration ${PATH}` },
  ])
  t.equal(judgePolicy(STATUS, answer({ files: [SYSTEM, USER] }), FILE).length, 1, 'none in /etc')
})

t.test('a problem of either file is a fault that names its place', async (t) => {
  const files = [
    { ...SYSTEM, problem: '/etc/grantd/config.toml:2:1: unknown key' },
    { ...USER, problem: 'others can write to it' },
  ]
  t.match(judgePolicy(STATUS, answer({ files }), FILE), [
    {
      level: 'fail',
      what: 'configuration /etc/grantd/config.toml:2:1: unknown key',
      advice: /^have root correct the file/,
    },
    {
      level: 'fail',
      what: `configuration ${PATH}: others can write to it`,
      advice: `correct the file; what is wrong: grantd policy check ${PATH}`,
    },
  ])
})

t.test('a daemon that does not tell its rules tells of its file', async (t) => {
  const config = { path: '/c', problem: 'line 3' }
  t.match(judgePolicy({ config }, REFUSED, FILE), [
    { level: 'fail', what: 'configuration /c: line 3' },
  ])
  t.match(judgePolicy(STATUS, REFUSED, undefined), [{ level: 'ok', what: `configuration ${PATH}` }])
})

t.test('rules that refuse nothing, and rules that are lifted', async (t) => {
  const lifted = { ...STATUS, break_glass: [BROKEN_GLASS] }
  t.match(judgePolicy(lifted, answer({ mode: 'audit' }), FILE).slice(1), [
    { level: 'warn', what: /only tried out/, advice: 'set mode = "enforce"' },
    {
      level: 'warn',
      what: 'rules are lifted for "work", 845 s more',
      advice: 'to put them back: grantd break-glass --end work',
    },
  ])
})
