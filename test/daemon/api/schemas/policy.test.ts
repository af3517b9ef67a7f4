import { policyCheckRequest, policyExplainRequest } from '../../../../daemon/api/schemas/policy.ts'
import { testCases } from './is-valid.ts'

const grant = 'work'

testCases([
  ['a text', policyCheckRequest, { text: '# ä\n[x]' }, true],
  ['a text for the system', policyCheckRequest, { text: '', level: 'system' }, true],
  ['no text', policyCheckRequest, { level: 'user' }, false],
  ['a level nobody has', policyCheckRequest, { text: '', level: 'admin' }, false],
  ['a pid', policyExplainRequest, { grant, pid: 1 }, true],
  ['a pid in words', policyExplainRequest, { grant, pid: '1' }, false],
  ['a pid below one', policyExplainRequest, { grant, pid: 0 }, false],
  [
    'a whole question',
    policyExplainRequest,
    {
      grant,
      executable: '/opt/my tool',
      executable_sha256: 'ab'.repeat(32),
      unit: 'a@1.service',
      gid: 0,
      class: 'container',
      scope: 'a b',
      audience: 'https://api.example',
      listener: 'capability',
      capability: 'ci',
      at: 'sat 23:59',
    },
    true,
  ],
  ['a relative path', policyExplainRequest, { grant, executable: 'git' }, false],
  ['a path with an escape', policyExplainRequest, { grant, executable: '/a\u001b[2J' }, false],
  ['an endless path', policyExplainRequest, { grant, executable: `/${'x'.repeat(4_096)}` }, false],
  ['a slice', policyExplainRequest, { grant, executable: '/a', unit: 'a.slice' }, false],
  [
    'half a hash',
    policyExplainRequest,
    { grant, executable: '/a', executable_sha256: 'ab' },
    false,
  ],
  ['an hour nobody has', policyExplainRequest, { grant, executable: '/a', at: '24:00' }, false],
  ['a day nobody has', policyExplainRequest, { grant, executable: '/a', at: 'day 10:00' }, false],
  [
    'the admin listener',
    policyExplainRequest,
    { grant, executable: '/a', listener: 'admin' },
    false,
  ],
])
