import type { TableProblem } from '../config/check-table.ts'
import { type ConfigProblem, parseTable, problemAt } from '../config/parse-table.ts'
import {
  ENDPOINT_NAMES,
  type Facts,
  type IssuerTemplate,
  type Preset,
  type PresetValue,
} from './preset.ts'
import { FACT, FACT_KINDS, FILE, ISSUER, PRESET, VALUE } from './preset-keys.ts'
import { originIn, valueProblem, valuesIn } from './template.ts'

type Table = Readonly<Record<string, unknown>>

/** A file in which something is missing or does not go together, and the keys that lead there. */
class Refused extends Error {
  readonly problem: TableProblem

  constructor(path: readonly string[], message: string) {
    super(message)
    this.problem = { path, message }
  }
}

/**
 * Reads one preset. Strict like the configuration: what is not understood is refused.
 *
 * @param name Of the file, without its ending.
 */
export function parsePreset(
  name: string,
  source: string,
): { readonly preset: Preset } | { readonly problem: ConfigProblem } {
  const parsed = parseTable(source, FILE)
  if ('problem' in parsed) return parsed
  try {
    return { preset: presetOf(name, parsed.table) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return problemAt(parsed.text, error.problem)
  }
}

/** Every value was read once; here they get their names, and have to go together. */
function presetOf(name: string, file: Table): Preset {
  const about = tableOf(file, 'preset')
  const documentation = PRESET.documentation.read(about['documentation'])
  const clientRegistration = PRESET.client_registration.read(about['client_registration'])
  const defaultScope = PRESET.default_scope.read(about['default_scope'])
  const values = readValues(tableOf(file, 'value'))
  const issuer = readIssuer(tableOf(file, 'issuer'))
  requireSameValues(values, issuer)
  return {
    name,
    title: needed(['preset', 'title'], PRESET.title.read(about['title'])),
    ...(documentation !== undefined && { documentation }),
    ...(clientRegistration !== undefined && { clientRegistration }),
    ...(defaultScope !== undefined && { defaultScope }),
    values,
    issuer,
    authorization: tableOf(file, 'authorization') as Readonly<Record<string, string>>,
    facts: readFacts(tableOf(file, 'fact')),
  }
}

function readValues(tables: Table): Readonly<Record<string, PresetValue>> {
  const read = Object.keys(tables).map((name): [string, PresetValue] => {
    const table = tableOf(tables, name)
    const kind = needed(['value', name, 'kind'], VALUE.kind.read(table['kind']))
    const text = needed(['value', name, 'text'], VALUE.text.read(table['text']))
    const usual = VALUE.default.read(table['default'])
    const problem = usual === undefined ? undefined : valueProblem(kind, usual)
    if (problem !== undefined) throw new Refused(['value', name, 'default'], `"default" ${problem}`)
    return [name, { kind, text, ...(usual !== undefined && { default: usual }) }]
  })
  return Object.fromEntries(read)
}

function readIssuer(table: Table): IssuerTemplate {
  const identifier = needed(['issuer', 'identifier'], ISSUER.identifier.read(table['identifier']))
  const discovery = ISSUER.discovery.read(table['discovery']) ?? true
  const endpoints: Partial<Record<(typeof ENDPOINT_NAMES)[number], string>> = {}
  for (const name of ENDPOINT_NAMES) {
    const template = ISSUER[name].read(table[name])
    if (template === undefined) continue
    if (discovery)
      throw new Refused(['issuer', name], `"${name}" stands beside "discovery = false" only`)
    if (originIn(template) !== originIn(identifier) && table['other_origins'] !== true)
      throw new Refused(
        ['issuer', name],
        `"${name}" is at another origin than "identifier"; if that is so, say other_origins = true`,
      )
    endpoints[name] = template
  }
  if (!discovery) needed(['issuer', 'token_endpoint'], endpoints.token_endpoint)
  return { identifier, discovery, endpoints }
}

/** A value nobody uses is a slip of the pen, like one nobody has. */
function requireSameValues(
  values: Readonly<Record<string, PresetValue>>,
  { identifier, endpoints }: IssuerTemplate,
): void {
  const used = new Set<string>()
  for (const [key, template] of Object.entries({ identifier, ...endpoints }))
    for (const name of valuesIn(template)) {
      if (!Object.hasOwn(values, name))
        throw new Refused(['issuer', key], `there is no [value.${name}]`)
      used.add(name)
    }
  for (const name of Object.keys(values))
    if (!used.has(name)) throw new Refused(['value', name], `no address has "{${name}}" in it`)
}

function readFacts(tables: Table): Facts {
  const read = Object.entries(FACT_KINDS).flatMap(([name, kind]) => {
    if (tables[name] === undefined) return []
    const table = tableOf(tables, name)
    const is = needed(['fact', name, 'is'], kind.read(table['is']))
    const known = needed(['fact', name, 'known'], FACT.known.read(table['known']))
    const source = FACT.source.read(table['source'])
    if (known === 'documented' && source === undefined)
      throw new Refused(['fact', name, 'known'], 'what is documented has a "source"')
    return [[name, { is, known, ...(source !== undefined && { source }) }] as const]
  })
  return Object.fromEntries(read)
}

function tableOf(file: Table, name: string): Table {
  return (file[name] as Table | undefined) ?? {}
}

function needed<T>(path: readonly string[], value: T | undefined): T {
  if (value !== undefined) return value
  throw new Refused(path.slice(0, -1), `"${path.join('.')}" is missing`)
}
