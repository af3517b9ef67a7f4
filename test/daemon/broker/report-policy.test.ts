import t from 'tap'
import {
  checkPolicy,
  type PolicyFiles,
  reportPolicy,
} from '../../../daemon/broker/report-policy.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { sampleRule } from '../../fakes/sample-rule.ts'

const files: PolicyFiles = {
  problem: () => undefined,
  current: () => ({
    ...DEFAULT_CONFIG,
    ceiling: {},
    policy: { mode: 'audit', system: [sampleRule('deny')], user: [sampleRule('allow')] },
  }),
  user: { path: '/u', hash: () => 'ab', problem: () => undefined },
  system: { path: '/s', hash: () => undefined, problem: () => undefined },
}

t.test('both files and the rules in force are told', async (t) => {
  t.same(reportPolicy(files), {
    files: [
      { level: 'system', path: '/s' },
      { level: 'user', path: '/u', sha256: 'ab' },
    ],
    mode: 'audit',
    rules: [
      { level: 'system', name: 'deny', effect: 'deny' },
      { level: 'user', name: 'allow', effect: 'allow' },
    ],
  })
  t.same(reportPolicy({ ...files, system: undefined }).files.length, 1)
})

t.test('of broken files no rule is in force', async (t) => {
  const broken: PolicyFiles = {
    ...files,
    problem: () => '/u:1:1: no',
    user: { ...files.user, problem: () => '/u:1:1: no' },
    current: () => {
      throw new Error('not asked for')
    },
  }
  t.same(reportPolicy(broken), {
    files: [
      { level: 'system', path: '/s' },
      { level: 'user', path: '/u', sha256: 'ab', problem: '/u:1:1: no' },
    ],
    rules: [],
  })
})

t.test('a text is judged as if it stood in a file', async (t) => {
  const text = '[[rule]]\nname = "r"\neffect = "allow"\n'
  t.same(checkPolicy({ text }), { rules: 1 })
  t.same(checkPolicy({ text: '' }), { rules: 0 })
  t.same(checkPolicy({ text, level: 'system' }), {
    problem: { line: 3, column: 1, message: 'the system file can only narrow: deny or limit' },
  })
})
