import t from 'tap'
import { fillPreset } from '../../../daemon/preset/fill-preset.ts'
import type { Preset } from '../../../daemon/preset/preset.ts'

const PRESET: Preset = {
  name: 'as',
  title: 'AS',
  values: {
    host: { kind: 'host', text: 'where', default: 'as.example' },
    realm: { kind: 'label', text: 'which realm' },
  },
  issuer: { identifier: 'https://{host}/{realm}', discovery: true, endpoints: {} },
  authorization: {},
  facts: {},
}

t.test('what a login says counts, else what the preset has itself', async (t) => {
  t.same(fillPreset(PRESET, { realm: 'a' }), {
    issuer: 'https://as.example/a',
    values: { host: 'as.example', realm: 'a' },
  })
  t.match(fillPreset(PRESET, { realm: 'a', host: 'b.example:8443' }), {
    issuer: 'https://b.example:8443/a',
  })
  const endpoints = { token_endpoint: 'https://{host}/token' }
  const stated = { ...PRESET, issuer: { ...PRESET.issuer, discovery: false, endpoints } }
  t.match(fillPreset(stated, { realm: 'a' }), {
    endpoints: { token_endpoint: 'https://as.example/token' },
  })
})

t.test('a value that is missing, unknown or leads elsewhere is refused', async (t) => {
  const table: readonly (readonly [Record<string, string>, string])[] = [
    [{}, 'preset "as" needs the value "realm": which realm'],
    [{ realm: 'a', tenant: 'x' }, 'preset "as" has no value "tenant"'],
    [{ realm: 'a', constructor: 'x' }, 'preset "as" has no value "constructor"'],
    [{ realm: 'a', host: 'evil.example/x' }, '"host" must be a host such as git.example.com'],
    [
      { realm: 'a', host: 'as.example@evil.example' },
      '"host" must be a host such as git.example.com',
    ],
  ]
  for (const [given, problem] of table)
    t.same(fillPreset(PRESET, given), { problem }, JSON.stringify(given))
  for (const realm of ['a/b', '..', 'a@b', 'a?b', 'a#b', '', 'a\\b', '%2e%2e'])
    t.match(fillPreset(PRESET, { realm }), { problem: /^"realm" must be letters/ }, realm)
})
