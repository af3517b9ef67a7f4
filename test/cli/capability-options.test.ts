import t from 'tap'
import { capabilityAsk, OPTIONS } from '../../cli/capability-options.ts'
import { parseOptions } from '../../cli/options.ts'
import { UsageError } from '../../cli/usage-error.ts'

const ask = (...args: readonly string[]) => capabilityAsk(parseOptions(args, OPTIONS))

t.test('a command line says what a capability may give', async (t) => {
  t.same(ask('list'), { verb: 'list' })
  t.same(ask('remove', 'ci'), { verb: 'remove', name: 'ci' })
  t.same(ask('add', 'ci', '--grant=work'), { verb: 'add', request: { name: 'ci', grant: 'work' } })
  t.same(
    ask(
      'add',
      'ci',
      '--grant=work',
      '--scope=repo:read',
      '--audience=https://api.example',
      '--max-ttl=5m',
      '--uses=20',
      '--expires=30d',
      '--path=/d/s',
      '--bind-pid=7',
      '--gid=0',
    ),
    {
      verb: 'add',
      request: {
        name: 'ci',
        grant: 'work',
        scope: 'repo:read',
        audience: 'https://api.example',
        path: '/d/s',
        max_ttl: 300,
        uses: 20,
        expires_in: 2_592_000,
        bind_pid: 7,
        gid: 0,
      },
    },
  )
})

t.test('what is not understood is refused before anybody is asked', async (t) => {
  for (const args of [
    [],
    ['show'],
    ['list', 'ci'],
    ['list', '--uses=1'],
    ['remove'],
    ['remove', 'ci', 'more'],
    ['remove', 'ci', '--grant=work'],
    ['add', '--grant=work'],
    ['add', 'ci'],
    ['add', '../ci', '--grant=work'],
    ['add', 'ci', '--grant=../work'],
    ['add', 'ci', '--grant=work', '--expires=1y'],
    ['add', 'ci', '--grant=work', '--expires=0h'],
    ['add', 'ci', '--grant=work', '--max-ttl=5'],
    ['add', 'ci', '--grant=work', '--uses=many'],
    ['add', 'ci', '--grant=work', '--bind-pid=-1'],
  ])
    t.throws(() => ask(...args), UsageError, args.join(' '))
})
