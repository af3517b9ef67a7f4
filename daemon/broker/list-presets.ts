import { GrantdError, type PresetDetail, type PresetList } from '@grantd/client/protocol'
import { configInvalid } from '../config/config-file.ts'
import type { Preset } from '../preset/preset.ts'
import type { PresetShelf, ShelvedPreset } from '../preset/preset-shelf.ts'

/** Every preset, and of those that are broken what is wrong. */
export function listPresets(shelf: PresetShelf): PresetList {
  return {
    presets: shelf.list().map((found) => ({
      ...originOf(found),
      ...('problem' in found.content
        ? { problem: found.content.problem }
        : { title: found.content.preset.title }),
    })),
  }
}

/**
 * A preset by its name.
 *
 * @throws GrantdError `invalid_request` when there is none, `config_invalid` when its file is broken
 */
export function requirePreset(
  shelf: PresetShelf,
  name: string,
): { readonly found: ShelvedPreset; readonly preset: Preset } {
  const found = shelf.find(name)
  if (found === undefined)
    throw new GrantdError('invalid_request', `no preset "${name}"`, { hint: 'grantd preset list' })
  if ('problem' in found.content) throw configInvalid(found.content.problem)
  return { found, preset: found.content.preset }
}

/**
 * All that one preset says.
 *
 * @throws GrantdError `invalid_request`, `config_invalid`
 */
export function showPreset(shelf: PresetShelf, name: string): PresetDetail {
  const { found, preset } = requirePreset(shelf, name)
  const { documentation, clientRegistration, defaultScope, values, issuer } = preset
  return {
    ...originOf(found),
    title: preset.title,
    ...(documentation !== undefined && { documentation }),
    ...(clientRegistration !== undefined && { client_registration: clientRegistration }),
    ...(defaultScope !== undefined && { default_scope: defaultScope }),
    values: Object.entries(values).map(([value, about]) => ({ name: value, ...about })),
    identifier: issuer.identifier,
    discovery: issuer.discovery,
    endpoints: { ...issuer.endpoints },
    authorization: preset.authorization,
    facts: Object.entries(preset.facts).map(([fact, { is, ...rest }]) => ({
      fact,
      is: Array.isArray(is) ? is.join(', ') : String(is),
      ...rest,
    })),
  }
}

function originOf({ name, origin, replacesBuiltIn }: ShelvedPreset) {
  return { preset: name, origin, ...(replacesBuiltIn && { replaces_built_in: true as const }) }
}
