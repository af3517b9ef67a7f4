import t from 'tap'
import { listPresets, requirePreset, showPreset } from '../../../daemon/broker/list-presets.ts'
import { parsePreset } from '../../../daemon/preset/parse-preset.ts'
import type { PresetShelf, ShelvedPreset } from '../../../daemon/preset/preset-shelf.ts'
import { BUILT_IN } from '../../fakes/built-in-presets.ts'

const TEXT = `
[preset]
title = "AS"
[issuer]
identifier = "https://as.example"
discovery = false
token_endpoint = "https://as.example/token"
[fact]
dead_errors = { is = ["gone", "dead"], known = "believed" }
refresh_ends_access_tokens = { is = true, known = "documented", source = "https://docs.example" }
`

function shelfOf(...all: readonly ShelvedPreset[]): PresetShelf {
  return { list: () => all, find: (name) => all.find((each) => each.name === name) }
}

function contentOf(name: string): ShelvedPreset['content'] {
  const parsed = parsePreset(name, TEXT)
  return 'preset' in parsed ? parsed : { problem: 'the test is wrong' }
}

const SHELF = shelfOf(
  { name: 'as', origin: 'user', replacesBuiltIn: true, content: contentOf('as') },
  {
    name: 'bad',
    origin: 'user',
    replacesBuiltIn: false,
    content: { problem: '/bad.toml:1:1: no' },
  },
)

t.test('each has a title or a problem', async (t) => {
  t.same(listPresets(SHELF), {
    presets: [
      { preset: 'as', origin: 'user', replaces_built_in: true, title: 'AS' },
      { preset: 'bad', origin: 'user', problem: '/bad.toml:1:1: no' },
    ],
  })
})

t.test('one says all it knows, as text', async (t) => {
  t.same(showPreset(SHELF, 'as'), {
    preset: 'as',
    origin: 'user',
    replaces_built_in: true,
    title: 'AS',
    values: [],
    identifier: 'https://as.example',
    discovery: false,
    endpoints: { token_endpoint: 'https://as.example/token' },
    authorization: {},
    facts: [
      {
        fact: 'refresh_ends_access_tokens',
        is: 'true',
        known: 'documented',
        source: 'https://docs.example',
      },
      { fact: 'dead_errors', is: 'gone, dead', known: 'believed' },
    ],
  })
  t.match(showPreset(BUILT_IN, 'gitlab'), {
    origin: 'built_in',
    documentation: /^https:/,
    client_registration: /^https:/,
    default_scope: 'openid read_user',
    values: [{ name: 'host', kind: 'host', default: 'gitlab.com' }],
  })
})

t.test('one that is not there or broken is said to be so', async (t) => {
  t.throws(() => requirePreset(SHELF, 'none'), {
    code: 'invalid_request',
    message: 'no preset "none"',
    hint: 'grantd preset list',
  })
  t.throws(() => showPreset(SHELF, 'bad'), {
    code: 'config_invalid',
    message: '/bad.toml:1:1: no',
  })
})
