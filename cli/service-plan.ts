/** What is to be done with one unit. */
export interface UnitStep {
  readonly name: string
  readonly path: string
  readonly kind: 'new' | 'changed' | 'same' | 'foreign'
  readonly text: string
}

/** What is in the place of a unit; `undefined` where nothing is. */
export type FoundUnits = ReadonlyMap<string, string | undefined>

/** Where the units of one service manager lie, and by what its own are known. */
export interface UnitPlaces {
  /** By the name of the unit. */
  readonly places: ReadonlyMap<string, string>
  /** Begins every unit of ours. */
  readonly mark: string
}

/** What an installation does to each unit; a second one does nothing. */
export function planInstall(
  { places, mark }: UnitPlaces,
  units: ReadonlyMap<string, string>,
  found: FoundUnits,
): readonly UnitStep[] {
  return [...places].map(([name, path]) => {
    const text = units.get(name)
    if (text === undefined) throw new TypeError(`there is no unit "${name}"`)
    return { name, path, kind: kindOf(text, found.get(name), mark), text }
  })
}

function kindOf(text: string, before: string | undefined, mark: string): UnitStep['kind'] {
  if (before === undefined) return 'new'
  if (before === text) return 'same'
  return before.startsWith(mark) ? 'changed' : 'foreign'
}

/** True where the file becomes another one. */
export function isWritten({ kind }: Pick<UnitStep, 'kind'>): boolean {
  return kind === 'new' || kind === 'changed'
}

/** The units that an uninstallation stops and removes: ours, and no others. Paths by name. */
export function planUninstall(
  { places, mark }: UnitPlaces,
  found: FoundUnits,
): ReadonlyMap<string, string> {
  return new Map([...places].filter(([name]) => found.get(name)?.startsWith(mark) === true))
}
