import type { PresetDetail, PresetList, PresetOrigin } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { columns } from './columns.ts'
import { duration } from './duration.ts'

/** `grantd preset list`. */
export function presetTable({ presets }: PresetList): string {
  const rows = presets.map(({ title, problem, ...preset }) => [
    preset.preset,
    originWords(preset),
    problem === undefined ? (title ?? '') : `broken: ${problem}`,
  ])
  return page(columns([['PRESET', 'FROM', 'ISSUER'], ...rows.map((row) => row.map(printable))]))
}

/** `grantd preset show`. */
export function presetPage(preset: PresetDetail): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['preset', preset.preset],
    ['issuer', preset.title],
    ['from', originWords(preset)],
    ['documentation', preset.documentation],
    ['register a client', preset.client_registration],
    ['default scope', preset.default_scope],
    ['identifier', preset.identifier],
    ['endpoints', preset.discovery ? 'the issuer names them itself' : undefined],
  ]
  const parts = [
    table('', [
      ...facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ...Object.entries(preset.endpoints),
    ]),
    table(
      'a login says:',
      preset.values.map(({ name, text, default: usual }) => [
        name,
        usual === undefined ? text : `${text}; ${usual} unless said otherwise`,
      ]),
    ),
    table('the browser takes along:', Object.entries(preset.authorization)),
    table(
      'facts:',
      preset.facts.map(({ fact, is, known, source }) => [
        fact,
        factWords(fact, is),
        known,
        source ?? '',
      ]),
    ),
  ]
  return page(parts.flat())
}

/** Facts whose value is a count of seconds. */
const SECONDS = ['access_token_lifetime', 'refresh_token_idle', 'refresh_token_max']

function factWords(fact: string, is: string): string {
  return SECONDS.includes(fact) && /^\d+$/.test(is) ? duration(Number(is)) : is
}

function originWords({ origin, replaces_built_in }: PresetOrigin): string {
  if (origin === 'built_in') return 'grantd'
  return replaces_built_in === true ? 'you, in place of grantd' : 'you'
}

function table(heading: string, rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return []
  const lines = columns(
    rows.map((row) => row.map(printable)),
    heading === '' ? '' : '  ',
  )
  return heading === '' ? lines : ['', heading, ...lines]
}

function page(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
