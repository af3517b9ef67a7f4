import fc from 'fast-check'
import t from 'tap'
import { parsePreset } from '../../../daemon/preset/parse-preset.ts'

const ISSUER = '[issuer]\nidentifier = "https://as.example"\n'
const LEAST = `[preset]\ntitle = "AS"\n${ISSUER}`
const ENDPOINTS = 'discovery = false\ntoken_endpoint = "https://as.example/token"\n'

t.test('what a preset leaves out has one meaning', async (t) => {
  t.same(parsePreset('as', LEAST), {
    preset: {
      name: 'as',
      title: 'AS',
      values: {},
      issuer: { identifier: 'https://as.example', discovery: true, endpoints: {} },
      authorization: {},
      facts: {},
    },
  })
})

t.test('all of it is read', async (t) => {
  const text = `
[preset]
title = "AS"
documentation = "https://docs.example/as"
client_registration = "https://as.example/apps"
default_scope = "read write"
[value.host]
kind = "host"
text = "where"
default = "as.example"
[value.tenant]
kind = "label"
text = "who"
[issuer]
identifier = "https://{host}/{tenant}"
discovery = false
other_origins = true
authorization_endpoint = "https://{host}/authorize"
token_endpoint = "https://api.example/token"
device_authorization_endpoint = "https://{host}/device"
revocation_endpoint = "https://{host}/revoke"
[authorization]
access_type = "offline"
[fact]
rotation = { is = "each", known = "observed" }
rotation_grace = { is = 30, known = "documented", source = "https://docs.example/as" }
access_token_lifetime = { is = "8h", known = "believed" }
dead_errors = { is = ["gone", "dead"], known = "believed" }
`
  t.same(parsePreset('as', text), {
    preset: {
      name: 'as',
      title: 'AS',
      documentation: 'https://docs.example/as',
      clientRegistration: 'https://as.example/apps',
      defaultScope: 'read write',
      values: {
        host: { kind: 'host', text: 'where', default: 'as.example' },
        tenant: { kind: 'label', text: 'who' },
      },
      issuer: {
        identifier: 'https://{host}/{tenant}',
        discovery: false,
        endpoints: {
          authorization_endpoint: 'https://{host}/authorize',
          token_endpoint: 'https://api.example/token',
          device_authorization_endpoint: 'https://{host}/device',
          revocation_endpoint: 'https://{host}/revoke',
        },
      },
      authorization: { access_type: 'offline' },
      facts: {
        rotation: { is: 'each', known: 'observed' },
        rotation_grace: { is: 30, known: 'documented', source: 'https://docs.example/as' },
        access_token_lifetime: { is: 28_800, known: 'believed' },
        dead_errors: { is: ['gone', 'dead'], known: 'believed' },
      },
    },
  })
})

t.test('what does not belong there is refused at its place', async (t) => {
  const at = (line: number, column: number, message: string | RegExp) => ({ line, column, message })
  const table: readonly (readonly [string, object])[] = [
    ['[preset', at(1, 2, /./)],
    [`${LEAST}client_secret = "x"`, at(5, 1, 'unknown key "client_secret" in "issuer"')],
    [`${LEAST}[preset.client_secret]`, at(5, 9, 'unknown key "client_secret" in "preset"')],
    [`${LEAST}[client]\nsecret = "x"`, at(5, 2, 'unknown table "client"')],
    [
      `${LEAST}[authorization]\nclient_secret = "x"`,
      at(6, 1, '"client_secret" is no name for "authorization"'),
    ],
    [
      `${LEAST}[authorization]\nredirect_uri = "https://evil.example"`,
      at(6, 1, '"redirect_uri" is no name for "authorization"'),
    ],
    [`${LEAST}[authorization]\nprompt = "a b"`, at(6, 1, /^"prompt" must be/)],
    [
      `${LEAST}[fact]\nspeed = { is = 1, known = "believed" }`,
      at(6, 1, 'unknown key "speed" in "fact"'),
    ],
    [
      `${LEAST}[fact]\ndevice_flow = { is = "yes", known = "believed" }`,
      at(6, 17, '"is" must be true or false'),
    ],
    [
      `${LEAST}[fact]\ndevice_flow = { is = true }`,
      at(6, 1, '"fact.device_flow.known" is missing'),
    ],
    [
      `${LEAST}[fact]\ndevice_flow = { known = "believed" }`,
      at(6, 1, '"fact.device_flow.is" is missing'),
    ],
    [
      `${LEAST}[fact]\ndevice_flow = { is = true, known = "documented" }`,
      at(6, 28, 'what is documented has a "source"'),
    ],
    [
      `${LEAST}[fact]\ndevice_flow = { is = true, known = "documented", source = "http://docs.example" }`,
      at(6, 50, '"source" must be an https address'),
    ],
    [ISSUER, at(1, 1, '"preset.title" is missing')],
    ['[preset]\ntitle = "AS"', at(1, 1, '"issuer.identifier" is missing')],
    [`${LEAST}discovery = false`, at(3, 2, '"issuer.token_endpoint" is missing')],
    [
      `${LEAST}token_endpoint = "https://as.example/token"`,
      at(5, 1, '"token_endpoint" stands beside "discovery = false" only'),
    ],
    [
      `${LEAST}${ENDPOINTS}revocation_endpoint = "https://evil.example/revoke"`,
      at(7, 1, /^"revocation_endpoint" is at another origin than "identifier"/),
    ],
    [
      `${LEAST}${ENDPOINTS}revocation_endpoint = "https://as.example:444/revoke"`,
      at(7, 1, /^"revocation_endpoint" is at another origin/),
    ],
    [`${LEAST}[value.host]\nkind = "host"`, at(5, 8, '"value.host.text" is missing')],
    [`${LEAST}[value.host]\ntext = "x"`, at(5, 8, '"value.host.kind" is missing')],
    [`${LEAST}[value.host]\nkind = "host"\ntext = "x"`, at(5, 8, 'no address has "{host}" in it')],
    [
      `${LEAST}[value.host]\nkind = "host"\ntext = "x"\ndefault = "a/b"`,
      at(8, 1, '"default" must be a host such as git.example.com'),
    ],
    [`${LEAST}[value.Host]\nkind = "host"\ntext = "x"`, at(5, 8, '"Host" is no name for "value"')],
    [
      '[preset]\ntitle = "AS"\n[issuer]\nidentifier = "https://{host}"',
      at(4, 1, 'there is no [value.host]'),
    ],
    [
      '[preset]\ntitle = "AS"\n[issuer]\nidentifier = "https://{constructor}"',
      at(4, 1, 'there is no [value.constructor]'),
    ],
  ]
  for (const [text, problem] of table) t.match(parsePreset('as', text), { problem }, text)
  for (const identifier of [
    'http://as.example',
    'http://127.0.0.1:8080',
    'https://user@as.example',
    'https://as.example?x',
    'https://as.example#x',
    'https://as.example/../x',
    'https://{host}/{',
    '{host}/token',
    '//as.example',
    'as.example',
    '',
  ])
    t.match(
      parsePreset('as', `[preset]\ntitle = "AS"\n[issuer]\nidentifier = "${identifier}"`),
      { problem: { line: 4, column: 1, message: /^"identifier" must be an https address/ } },
      identifier,
    )
})

t.test('whatever a file says, it is read or refused at a place', async (t) => {
  const whole = `${LEAST}${ENDPOINTS}[fact]\nrotation = { is = "each", known = "observed" }\n`
  const word = fc.constantFrom(
    '[',
    ']',
    '"',
    '{x}',
    '\n',
    '=',
    '.',
    '#',
    'is',
    '[[fact]]',
    '\u0000',
  )
  const edits = fc.array(fc.tuple(fc.nat(whole.length), fc.nat(8), fc.oneof(word, fc.string())))
  fc.assert(
    fc.property(edits, (all) => {
      let text = whole
      for (const [at, length, put] of all) text = text.slice(0, at) + put + text.slice(at + length)
      const read = parsePreset('as', text)
      if ('preset' in read) {
        t.not(read.preset.issuer.identifier, '')
        return
      }
      const { line, column, message } = read.problem
      t.ok(line >= 1 && column >= 1, `${line}:${column}`)
      t.match(message, /^[\x20-\x7e]+$/)
    }),
  )
})
