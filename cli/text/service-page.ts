import type { UnitStep } from '../service-plan.ts'

/** What `grantd service` did, or would do. */
export interface ServiceReport {
  readonly units: readonly Pick<UnitStep, 'name' | 'path' | 'kind'>[]
  readonly removed: readonly string[]
  /** Command lines that were run. */
  readonly commands: readonly string[]
  /** False: the daemon ends with the last session of its user. */
  readonly lingers?: boolean
  readonly isDryRun: boolean
  /** For whom root has it done; absent: for whoever asked. */
  readonly user?: string
}

/** How the service is. */
export interface ServiceState {
  readonly units: readonly (Pick<UnitStep, 'name' | 'path'> & {
    readonly kind: UnitStep['kind']
    /** As `systemctl is-active` says. */
    readonly active: string
  })[]
  readonly lingers?: boolean
  readonly user?: string
}

const DONE: Readonly<Record<UnitStep['kind'], string>> = {
  new: 'written',
  changed: 'rewritten',
  same: 'as it was',
  foreign: 'left alone',
}

const NO_LINGER =
  'the daemon ends with your last session, and memory with it; to keep it: loginctl enable-linger\n'

/** For a person: what was done, and how to undo it. */
export function reportText(report: ServiceReport): string {
  const tense = report.isDryRun ? 'would be ' : ''
  const lines = [
    ...report.units.map(
      ({ path, kind }) => `${path}: ${kind === 'same' ? '' : tense}${DONE[kind]}`,
    ),
    ...report.removed.map((path) => `${path}: ${tense}removed`),
    ...report.commands.map((line) => `${report.isDryRun ? 'would run' : 'ran'}: ${line}`),
  ]
  if (lines.length === 0) return 'no unit of ours is installed\n'
  const undo =
    report.units.length > 0 && !report.isDryRun
      ? `to undo it: grantd service uninstall${option(report)}\n`
      : ''
  return `${lines.join('\n')}\n${undo}${report.lingers === false ? NO_LINGER : ''}`
}

/** What `--dry-run` adds: each unit as it would be written. */
export function unitTexts(units: readonly UnitStep[]): string {
  return units
    .filter(({ kind }) => kind !== 'same')
    .map(({ path, text }) => `\n--- ${path}\n${text}`)
    .join('')
}

const STATE: Readonly<Record<UnitStep['kind'], string>> = {
  new: 'not installed',
  changed: 'of another version or another node',
  same: 'installed',
  foreign: 'somebody else’s',
}

/** For a person: a line for each unit. */
export function stateText(state: ServiceState): string {
  const { units, lingers } = state
  const lines = units.map(({ name, kind, active }) => `${name}: ${STATE[kind]}, ${active}\n`)
  const isOld = units.some(({ kind }) => kind === 'new' || kind === 'changed')
  const hint = isOld ? `to install: grantd service install${option(state)}\n` : ''
  return `${lines.join('')}${hint}${lingers === false && !isOld ? NO_LINGER : ''}`
}

/** What has to be said again. */
function option({ user }: Pick<ServiceReport, 'user'>): string {
  return user === undefined ? '' : ` --for ${user}`
}
