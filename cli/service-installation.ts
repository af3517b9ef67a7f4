import type { Machine } from './service-machine.ts'
import type { ServiceManager } from './service-manager.ts'
import { planInstall, planUninstall, type UnitStep } from './service-plan.ts'
import { type ServiceReport, type ServiceState, unitTexts } from './text/service-page.ts'
import type { World } from './world.ts'

/** What was done, or would have been. */
export interface Done {
  readonly report: Omit<ServiceReport, 'commands' | 'isDryRun'>
  /** The units themselves, where nothing was written. */
  readonly texts: string
}

/** Where clients look first, and only root can make a directory. */
const MADE_BY_ROOT = '/run/grantd/'

/** Units of ours at one service manager: what there is, what there should be, and how it gets there. */
export class ServiceInstallation {
  readonly #manager: ServiceManager
  readonly #world: Pick<World, 'connect' | 'socketPath'>
  readonly #machine: Machine
  readonly #isDryRun: boolean

  constructor(options: {
    readonly manager: ServiceManager
    readonly world: Pick<World, 'connect' | 'socketPath'>
    readonly machine: Machine
    readonly isDryRun: boolean
  }) {
    this.#manager = options.manager
    this.#world = options.world
    this.#machine = options.machine
    this.#isDryRun = options.isDryRun
  }

  /** @throws Error when a unit is somebody else's, another daemon runs, or the manager refuses */
  async install(): Promise<Done> {
    const steps = await this.#plan()
    const foreign = steps.find(({ kind }) => kind === 'foreign')
    if (foreign !== undefined)
      throw new Error(`"${foreign.path}" was written by somebody else; move it away first`)
    const silence = await this.#manager.silence()
    if (silence !== undefined && !this.#isDryRun) throw new Error(`${silence}; run: grantd serve`)
    await this.#requireNoOther()
    await this.#manager.prepare()
    if (!this.#isDryRun)
      for (const { path, text, kind } of steps)
        if (kind !== 'same') await this.#machine.write(path, text)
    await this.#manager.start(steps)
    return {
      report: { units: steps.map(summary), removed: [], ...(await this.#lingers()) },
      texts: this.#isDryRun ? unitTexts(steps) : '',
    }
  }

  /** @throws Error when the manager refuses */
  async uninstall(): Promise<Done> {
    const ours = planUninstall(this.#manager, await this.#found())
    const removed = [...ours.values()]
    if (removed.length > 0) {
      // units that nobody enabled run nowhere, and need no manager to go
      const isThere =
        this.#isDryRun ||
        (await this.#manager.isEnabled()) ||
        (await this.#manager.silence()) === undefined
      if (isThere) await this.#manager.stop([...ours.keys()])
      if (!this.#isDryRun) for (const path of removed) await this.#machine.remove(path)
      if (isThere) await this.#manager.forget()
    }
    return { report: { units: [], removed }, texts: '' }
  }

  /** How the service is. */
  async state(): Promise<ServiceState> {
    const steps = await this.#plan()
    const active = await this.#manager.activity()
    const units = steps.map((step, index) => ({
      ...summary(step),
      active: active[index] ?? 'unknown',
    }))
    return { units, ...(await this.#lingers()) }
  }

  async #plan(): Promise<readonly UnitStep[]> {
    const { node, script } = await this.#machine.program()
    const option = '--disable-sigusr1'
    const nodeOptions = this.#machine.knowsOption(option) ? [option] : []
    const units = await this.#manager.render({ node, nodeOptions, script })
    return planInstall(this.#manager, units, await this.#found())
  }

  async #found(): Promise<ReadonlyMap<string, string | undefined>> {
    const found = new Map<string, string | undefined>()
    for (const [name, path] of this.#manager.places) found.set(name, await this.#machine.read(path))
    return found
  }

  /** The manager would take the path of the sockets from under a daemon that was started by hand. */
  async #requireNoOther(): Promise<void> {
    if (await this.#manager.listens()) return
    if (this.#world.socketPath('broker').startsWith(MADE_BY_ROOT))
      throw new Error('root has this machine run a daemon for you, and clients look for no other')
    const answers = await this.#world
      .connect('broker')
      .request({ method: 'GET', path: '/v1/health' })
      .then(
        () => true,
        () => false, // nobody, or nobody of ours
      )
    if (answers)
      throw new Error('a daemon that was started by hand answers already; end it, then install')
  }

  /** Not told where nobody knows. */
  async #lingers(): Promise<{ readonly lingers?: boolean }> {
    const lingers = await this.#manager.lingers()
    return lingers === undefined ? {} : { lingers }
  }
}

function summary({ name, path, kind }: UnitStep): Pick<UnitStep, 'name' | 'path' | 'kind'> {
  return { name, path, kind }
}
