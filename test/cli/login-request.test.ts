import t from 'tap'
import { OPTIONS } from '../../cli/login-options.ts'
import { loginRequest } from '../../cli/login-request.ts'
import { parseOptions } from '../../cli/options.ts'

const NEEDED = ['work', '--issuer', 'https://as.example', '--client-id', 'cli']

const request = (args: string[]) => loginRequest(parseOptions(args, OPTIONS), 'device')

t.test('what is not asked for is not sent', async (t) => {
  t.same(request(NEEDED), {
    grant: 'work',
    issuer: 'https://as.example',
    client_id: 'cli',
    flow: 'device',
  })
  t.notOk('scope' in request([...NEEDED, '--scope', ' ']))
})

t.test('everything that can be asked for', async (t) => {
  const scopes = ['--scope', 'a b', '--scope', 'c', '--scope', 'a']
  const audiences = ['--audience', 'https://a.example', '--audience', 'https://b.example']
  const rest = [
    '--flow',
    'browser',
    '--scope-narrowing',
    'ignored',
    '--rotation-grace',
    '60',
    '--refresh-ends-tokens',
  ]
  t.match(request([...NEEDED, ...scopes, ...audiences, ...rest]), {
    scope: 'a b c',
    audience: ['https://a.example', 'https://b.example'],
    flow: 'browser',
    scope_narrowing: 'ignored',
    rotation_grace: 60,
    refresh_invalidates_access_tokens: true,
  })
})

t.test('what is missing or unknown is refused', async (t) => {
  const cases: [string[], string][] = [
    [NEEDED.slice(1), 'the name of a grant is missing'],
    [['work', '--client-id', 'cli'], '--issuer is missing'],
    [['work', '--issuer', 'https://as.example', '--client-id', ''], '--client-id is empty'],
    [
      [...NEEDED, '--registration-token-stdin'],
      '--registration-token-stdin is for a login without --client-id',
    ],
    [
      ['work', '--issuer', 'https://as.example', '--client-secret-stdin'],
      '--client-secret-stdin needs --client-id',
    ],
    [['work', '--issuer', '', '--client-id', 'cli'], '--issuer is missing'],
    ...['as.example', 'https:', 'https:///', 'ftp://as.example'].map(
      (issuer): [string[], string] => [
        ['work', '--issuer', issuer],
        '--issuer takes an address such as https://login.example.com',
      ],
    ),
    [[...NEEDED, '--flow', 'magic'], '--flow takes one of browser, device'],
    [
      [...NEEDED, '--scope-narrowing', 'maybe'],
      '--scope-narrowing takes one of honored, ignored, sticky, none',
    ],
    ...['', '-1', '1.5', '7776001', '1e3', 'soon'].map((grace): [string[], string] => [
      [...NEEDED, `--rotation-grace=${grace}`],
      '--rotation-grace takes seconds, 0 to 7776000',
    ]),
  ]
  for (const [args, message] of cases) {
    t.throws(() => request(args), { name: 'UsageError', message })
  }
})

t.test('who has never logged in is told that the issuer is needed', async (t) => {
  t.throws(() => request(['work']), {
    name: 'UsageError',
    hint: 'only a login that is done again needs none, and "work" has had none',
  })
})

t.test('without a client one is registered', async (t) => {
  const asked = request(['work', '--issuer', 'https://as.example', '--registration-token-stdin'])
  t.notOk('client_id' in asked)
})

t.test('a preset stands in the place of an issuer', async (t) => {
  const where = ['work', '--preset', 'gitlab']
  t.same(request([...where, '--client-id', 'cli']), {
    grant: 'work',
    preset: 'gitlab',
    client_id: 'cli',
    flow: 'device',
  })
  t.match(request([...where, '--preset-value', 'host=a.example', '--preset-value', 'x=a=b']), {
    preset_values: { host: 'a.example', x: 'a=b' },
  })
  for (const [args, message] of [
    [[...where, '--issuer', 'https://as.example'], '--preset and --issuer exclude each other'],
    [[...NEEDED, '--preset-value', 'host=x'], '--preset-value goes with --preset'],
    ...['host', 'host=', '=x', 'Host=x'].map((value): [string[], string] => [
      [...where, '--preset-value', value],
      '--preset-value takes NAME=VALUE, such as host=git.example.com',
    ]),
  ] as [string[], string][])
    t.throws(() => request(args), { name: 'UsageError', message }, args.join(' '))
})

t.test('a login that is done again takes its preset over, and what is said counts', async (t) => {
  const earlier = {
    preset: 'gitlab',
    preset_values: { host: 'a.example' },
    flow: 'device',
  } as const
  const again = (...args: string[]) =>
    loginRequest(parseOptions(['work', ...args], OPTIONS), 'browser', earlier)
  t.same(again(), { grant: 'work', ...earlier })
  t.match(again('--preset-value', 'host=b.example'), { preset_values: { host: 'b.example' } })
})
