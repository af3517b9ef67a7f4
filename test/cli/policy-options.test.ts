import t from 'tap'
import { parseOptions } from '../../cli/options.ts'
import { OPTIONS, policyAsk } from '../../cli/policy-options.ts'

const ask = (...args: string[]) => policyAsk(parseOptions(args, OPTIONS))

t.test('a check is of a file, or of those in force', async (t) => {
  t.same(ask('check'), { verb: 'check', file: undefined, level: 'user' })
  t.same(ask('check', 'a.toml'), { verb: 'check', file: 'a.toml', level: 'user' })
  t.same(ask('check', 'a.toml', '--system', '--json'), {
    verb: 'check',
    file: 'a.toml',
    level: 'system',
  })
})

t.test('a question names a grant and a process', async (t) => {
  t.same(ask('explain', '--grant', 'work', '--pid', '42'), {
    verb: 'explain',
    request: { grant: 'work', pid: 42 },
  })
  const all = ['--class=container', '--unit=a.service', '--scope=a b', '--audience=urn:x']
  const more = ['--listener=capability', '--capability=ci', '--at=sat 23:10']
  t.same(ask('explain', '--grant=work', '--exe=/usr/bin/git', ...all, ...more), {
    verb: 'explain',
    request: {
      grant: 'work',
      executable: '/usr/bin/git',
      class: 'container',
      unit: 'a.service',
      scope: 'a b',
      audience: 'urn:x',
      listener: 'capability',
      capability: 'ci',
      at: 'sat 23:10',
    },
  })
})

t.test('what makes no sense is refused', async (t) => {
  for (const [args, message] of [
    [[], 'grantd policy takes one of check, explain'],
    [['show'], 'grantd policy takes one of check, explain'],
    [['check', 'a', 'b'], 'unexpected argument "b"'],
    [['check', '--system'], '--system goes with a FILE'],
    [['check', '--grant', 'work'], '--grant does not go with "check"'],
    [['explain', '--system'], '--system does not go with "explain"'],
    [['explain', 'work'], 'unexpected argument "work"'],
    [['explain'], '--grant is missing'],
    [['explain', '--grant', 'work'], 'one of --pid and --exe is needed'],
    [['explain', '--grant=work', '--pid=1', '--exe=/a'], 'one of --pid and --exe is needed'],
    [['explain', '--grant=work', '--pid=0x1'], '--pid takes the number of a process'],
    [['explain', '--grant=a b', '--pid=1'], /^"a b" is no name of a grant/],
  ] as const)
    t.throws(() => ask(...args), { name: 'UsageError', message }, args.join(' '))
})
