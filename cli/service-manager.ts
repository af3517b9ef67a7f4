import type { UnitStep } from './service-plan.ts'

/** What a unit starts. */
export interface ServiceProgram {
  /** Node, without symbolic links on the way. */
  readonly node: string
  /** Options of this Node. */
  readonly nodeOptions: readonly string[]
  /** The command itself. */
  readonly script: string
}

/** Who listens in the daemon's place, and starts it when somebody asks. */
export interface ServiceManager {
  /** Where each unit of ours lies, by its name; in the order in which people read of them. */
  readonly places: ReadonlyMap<string, string>
  /** Begins every unit of ours: what does not begin so was written by somebody else, and stays. */
  readonly mark: string
  /**
   * The units by name.
   *
   * @throws TypeError where no unit can hold a path
   */
  render(program: ServiceProgram): Promise<ReadonlyMap<string, string>>
  /** @returns That it does not answer, in its words; undefined when it does. */
  silence(): Promise<string | undefined>
  /** True while it has the sockets: whoever answers there is its own. */
  listens(): Promise<boolean>
  /** True where units of ours may run although it does not answer us. */
  isEnabled(): Promise<boolean>
  /** Makes what units need to be there, before they are written. */
  prepare(): Promise<void>
  /** Has it take over what was written, and listen. @throws Error in its words */
  start(steps: readonly UnitStep[]): Promise<void>
  /**
   * Ends the daemon and its sockets, before units are removed.
   *
   * @param names Of the units that are there and ours; nobody else's is touched.
   * @throws Error in its words
   */
  stop(names: readonly string[]): Promise<void>
  /** Has it forget the units that were removed. @throws Error in its words */
  forget(): Promise<void>
  /** How each unit is, in its words and in the order of `places`; `unknown` for one it does not know. */
  activity(): Promise<readonly string[]>
  /** False: the daemon ends with the last session of its user. Undefined where nobody knows. */
  lingers(): Promise<boolean | undefined>
}
