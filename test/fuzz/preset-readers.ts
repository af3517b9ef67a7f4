import { adaptForm } from '../../daemon/issuer/adapt-form.ts'
import { takeRefreshToken } from '../../daemon/issuer/successor.ts'
import { fillPreset } from '../../daemon/preset/fill-preset.ts'
import { parsePreset } from '../../daemon/preset/parse-preset.ts'
import { claim } from './claim.ts'
import type { Reader } from './reader.ts'

const PRESET = `[preset]
title = "AS"
documentation = "https://docs.example/as"
default_scope = "openid offline_access"
[value.host]
kind = "host"
default = "as.example"
text = "where"
[value.realm]
kind = "label"
default = "master"
text = "which"
[issuer]
identifier = "https://{host}/realms/{realm}"
discovery = false
token_endpoint = "https://{host}/realms/{realm}/token" # where tokens are
revocation_endpoint = 'https://{host}/revoke'
[authorization]
access_type = "offline"
[fact]
rotation = { is = "each", known = "documented", source = "https://docs.example/as" }
rotation_grace = { is = 30, known = "believed" }
dead_errors = { is = ["gone", "dead"], known = "observed" }
`

/** Readers of presets, and of answers in a form of an issuer's own. */
export const PRESET_READERS: readonly Reader[] = [
  {
    name: 'preset',
    seeds: [PRESET, '\ufeff', ''].map((text) => Buffer.from(text)),
    words: [
      '{host}',
      '{x}',
      '..',
      '@',
      'http://',
      'client_secret = "x"\n',
      '[fact]\n',
      '[value.x]\n',
      '__proto__',
      'other_origins = true\n',
      'kind = "address"\n',
      "'''",
      '\u202e',
    ],
    check: checkPreset,
  },
  {
    name: 'form',
    seeds: [
      'access_token=ghu_16C7&expires_in=28800&refresh_token=ghr_1B4a&scope=&token_type=bearer',
      'error=slow_down&error_description=wait+a+bit&interval=5\n',
      'refresh_token=%22%5C%E2%82%AC&refresh_token=b&a',
    ].map((text) => Buffer.from(text)),
    words: ['refresh_token=', '%00', '%', '%22', '&', '=', '+', '\n', 'expires_in=9', '\\u0041'],
    check: checkForm,
  },
]

function checkPreset(input: Buffer): void {
  const text = input.toString('utf8')
  const read = parsePreset('as', text)
  if ('problem' in read) {
    const { line, column, message } = read.problem
    claim(line >= 1 && line <= text.split('\n').length, 'a problem in a line that is not there')
    claim(Number.isInteger(column) && column >= 1, 'a problem in no column')
    claim(/^[\x20-\x7e]{1,203}$/.test(message), 'a message that is not one printable line')
    return
  }
  const filled = fillPreset(read.preset, {})
  if ('problem' in filled) return
  for (const address of [filled.issuer, ...Object.values(filled.endpoints ?? {})]) {
    claim(!/[{}@\\]/.test(address), 'an address with a value that nobody filled in')
    claim(address.startsWith('https://') || isAddressValue(address), 'an address that is not https')
  }

  /** Only a whole address that a person gives may be of another kind; the issuer room looks at it. */
  function isAddressValue(address: string): boolean {
    return address.startsWith('http://') && /kind\s*=\s*["']/.test(text)
  }
}

function checkForm(input: Buffer): void {
  for (const isComplete of [true, false]) {
    const form = Buffer.from(input)
    const json = adaptForm(form, isComplete)
    claim(
      form.every((byte) => byte === 0),
      'a form that is still there',
    )
    const said: unknown = JSON.parse(json.toString())
    claim(typeof said === 'object' && said !== null, 'JSON that is no object')
    const { refreshToken } = takeRefreshToken(json)
    if (refreshToken === undefined) continue
    claim(!json.includes('"refresh_token"'), 'a refresh token that travels on')
  }
}
