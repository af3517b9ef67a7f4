/** The unit of the daemon itself. */
export const SERVICE_UNIT = 'grantd.service'

/** All units of ours. */
const UNITS = [SERVICE_UNIT, 'grantd.socket', 'grantd-admin.socket'] as const

/** What the service manager says of one unit, in its own words. */
export interface UnitState {
  readonly name: string
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error`. */
  readonly load: string
  /** `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`. */
  readonly active: string
  /** The file is another one than was loaded. */
  readonly needsReload: boolean
  /** 0 while no process is the unit's. */
  readonly mainPid: number
  /** Files that change what the unit says, as systemd lists them; absent when there are none. */
  readonly dropIns?: string
}

/** What {@link parseStates} needs to be told. */
const PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'NeedDaemonReload',
  'MainPID',
  'DropInPaths',
] as const

/** Arguments of `systemctl` that ask for it all at once. */
export const SHOW_UNITS: readonly string[] = [
  '--user',
  'show',
  `--property=${PROPERTIES.join(',')}`,
  ...UNITS,
]

/** The answer of `systemctl show`: lines of `name=value`, a blank line between units. */
export function parseStates(text: string): readonly UnitState[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const values = new Map(
      block
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    const value = (property: (typeof PROPERTIES)[number]): string => values.get(property) ?? ''
    const name = value('Id')
    if (name === '') return []
    const dropIns = value('DropInPaths')
    return {
      name,
      load: value('LoadState'),
      active: value('ActiveState'),
      needsReload: value('NeedDaemonReload') === 'yes',
      mainPid: Number(value('MainPID')),
      ...(dropIns !== '' && { dropIns }),
    }
  })
}
