import type { EndpointName, Preset } from './preset.ts'
import { fillTemplate, valueProblem } from './template.ts'

/** A preset with the values of one login in it. */
export interface FilledPreset {
  readonly issuer: string
  /** Where it needs no discovery. */
  readonly endpoints?: Readonly<Partial<Record<EndpointName, string>>>
  /** All values, those nobody gave too. */
  readonly values: Readonly<Record<string, string>>
}

/** Puts the values of a login, else those the preset has itself, into its addresses. */
export function fillPreset(
  { name, values: wanted, issuer }: Preset,
  given: Readonly<Record<string, string>>,
): FilledPreset | { readonly problem: string } {
  const stranger = Object.keys(given).find((value) => !Object.hasOwn(wanted, value))
  if (stranger !== undefined) return { problem: `preset "${name}" has no value "${stranger}"` }
  const values = new Map<string, string>()
  for (const [value, { kind, text, default: usual }] of Object.entries(wanted)) {
    const said = Object.hasOwn(given, value) ? given[value] : usual
    if (said === undefined)
      return { problem: `preset "${name}" needs the value "${value}": ${text}` }
    const problem = valueProblem(kind, said)
    if (problem !== undefined) return { problem: `"${value}" ${problem}` }
    values.set(value, said)
  }
  const filled = Object.entries(issuer.endpoints).map(([endpoint, template]) => [
    endpoint,
    fillTemplate(template, values),
  ])
  return {
    issuer: fillTemplate(issuer.identifier, values),
    ...(!issuer.discovery && { endpoints: Object.fromEntries(filled) }),
    values: Object.fromEntries(values),
  }
}
