import { MARK } from './service-units.ts'

/** What is to be done with one unit. */
export interface UnitStep {
  readonly name: string
  readonly path: string
  readonly kind: 'new' | 'changed' | 'same' | 'foreign'
  readonly text: string
}

/** What is in the place of a unit; `undefined` where nothing is. */
export type FoundUnits = ReadonlyMap<string, string | undefined>

/** What an installation does to each unit; a second one does nothing. */
export function planInstall(
  directory: string,
  units: ReadonlyMap<string, string>,
  found: FoundUnits,
): readonly UnitStep[] {
  return [...units].map(([name, text]) => ({
    name,
    path: `${directory}/${name}`,
    kind: kindOf(text, found.get(name)),
    text,
  }))
}

function kindOf(text: string, before: string | undefined): UnitStep['kind'] {
  if (before === undefined) return 'new'
  if (before === text) return 'same'
  return before.startsWith(MARK) ? 'changed' : 'foreign'
}

/** The units that an uninstallation removes: ours, and no others. */
export function planUninstall(directory: string, found: FoundUnits): readonly string[] {
  return [...found]
    .filter(([, text]) => text?.startsWith(MARK) === true)
    .map(([name]) => `${directory}/${name}`)
}
