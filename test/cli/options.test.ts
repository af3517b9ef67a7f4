import t from 'tap'
import { JSON_OPTION, type OptionTable, parseOptions } from '../../cli/options.ts'

const TABLE = {
  scope: { type: 'string', multiple: true, value: 'SCOPE', text: '' },
  issuer: { type: 'string', value: 'URL', text: '' },
  'min-ttl': { type: 'string', value: 'SECONDS', text: '' },
  json: JSON_OPTION,
} as const satisfies OptionTable

t.test('options and arguments in any order, a value with = or without', async (t) => {
  const { values, positionals } = parseOptions(
    ['work', '--scope=a', '--json', '--scope', 'b', '--', '--json'],
    TABLE,
  )
  t.same({ ...values }, { scope: ['a', 'b'], json: true })
  t.same(positionals, ['work', '--json'])
})

t.test('a mistake is named without the value, which may be a secret', async (t) => {
  const cases: [string[], string][] = [
    [['--secret-sauce=hunter2'], 'unknown option "--secret-sauce"'],
    [['-x'], 'unknown option "-x"'],
    [['--json=yes'], 'option "--json" does not take an argument'],
    [['--issuer'], '--issuer needs a value'],
    [['--issuer', '--json'], '--issuer needs a value'],
    [['--min-ttl', '-5'], '--min-ttl needs a value'],
  ]
  for (const [args, message] of cases) {
    t.throws(() => parseOptions(args, TABLE), { name: 'UsageError', message })
  }
})

t.test('whoever writes a secret on a command line is shown the way', async (t) => {
  const refused = { name: 'UsageError', hint: /--client-secret-stdin/ }
  t.throws(() => parseOptions(['--client-secret', 'x'], TABLE), refused)
  t.throws(() => parseOptions(['--secret=x'], TABLE), refused)
})

t.test('what is no error object is told as it is', async (t) => {
  const broken = new Proxy(TABLE, {
    ownKeys: () => {
      throw 'Not An Error'
    },
  })
  t.throws(() => parseOptions([], broken), { name: 'UsageError', message: 'not An Error' })
})
