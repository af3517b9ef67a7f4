import { join } from 'node:path'
import type { Help } from './command.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine, printable } from './printable.ts'
import { type Machine, thisMachine } from './service-machine.ts'
import { planInstall, planUninstall, type UnitStep } from './service-plan.ts'
import { renderUnits, SOCKET_UNITS, UNIT_NAMES } from './service-units.ts'
import { reportText, type ServiceReport, stateText, unitTexts } from './text/service-page.ts'
import { UsageError } from './usage-error.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd service install|uninstall|status [OPTION]...',
  about: [
    'install    writes units for the systemd of your user and enables their sockets: the first',
    '           program that asks starts the daemon, and a crash is followed by a new start.',
    '           A second time it changes only what is no longer right, such as after an update.',
    'uninstall  stops the daemon and removes those units; grants and configuration stay.',
    'status     tells whether they are as they should be; exit status 1 when they are not.',
  ],
  example: { line: 'grantd service install --dry-run', text: 'see what it would write and run' },
}

export const OPTIONS = {
  'dry-run': { type: 'boolean', text: 'change nothing, and print what would be done' },
  json: JSON_OPTION,
} as const

const VERBS = ['install', 'uninstall', 'status'] as const

/** `grantd service`. */
export async function run(
  world: World,
  args: readonly string[],
  machine: Machine = thisMachine,
): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  const [word, ...more] = positionals
  const verb = VERBS.find((known) => known === word)
  if (verb === undefined || more.length > 0)
    throw new UsageError(`service takes one of ${VERBS.join(', ')}`)
  if (world.platform !== 'linux') throw new UsageError('only systemd is managed so far')
  const service = new Service(world, machine, values['dry-run'] === true)
  if (verb === 'status') {
    const state = await service.state()
    world.stdout.write(values.json === true ? jsonLine(state) : printed(stateText(state)))
    return state.units.every(isWell) ? 0 : 1
  }
  const { report, texts } = await (verb === 'install' ? service.install() : service.uninstall())
  world.stdout.write(values.json === true ? jsonLine(report) : printed(reportText(report) + texts))
  return 0
}

/** Nobody starts it where systemd knows nothing of it. */
function isWell({ kind, active }: { readonly kind: UnitStep['kind']; readonly active: string }) {
  return kind === 'same' && active !== 'failed' && active !== 'unknown'
}

/** Paths may hold anything. */
function printed(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

interface Done {
  readonly report: ServiceReport
  /** The units themselves, where nothing was written. */
  readonly texts: string
}

class Service {
  readonly #world: World
  readonly #machine: Machine
  readonly #isDryRun: boolean
  readonly #directory: string
  readonly #commands: string[] = []

  constructor(world: World, machine: Machine, isDryRun: boolean) {
    this.#world = world
    this.#machine = machine
    this.#isDryRun = isDryRun
    const { XDG_CONFIG_HOME: config, HOME: home = '' } = world.env
    const base = config?.startsWith('/') === true ? config : join(home, '.config')
    this.#directory = join(base, 'systemd', 'user')
  }

  /** @throws Error when a unit is somebody else's, another daemon runs, or systemd refuses */
  async install(): Promise<Done> {
    const steps = await this.#plan()
    const foreign = steps.find(({ kind }) => kind === 'foreign')
    if (foreign !== undefined)
      throw new Error(`"${foreign.path}" was written by somebody else; move it away first`)
    const silence = await this.#silence()
    if (silence !== undefined && !this.#isDryRun) throw new Error(`${silence}; run: grantd serve`)
    await this.#requireNoOther()
    const changes = steps.filter(({ kind }) => kind !== 'same')
    if (!this.#isDryRun) for (const { path, text } of changes) await this.#machine.write(path, text)
    if (changes.length > 0) await this.#systemctl('daemon-reload')
    await this.#systemctl('enable', '--now', ...SOCKET_UNITS)
    if (changes.some(({ kind }) => kind === 'changed'))
      await this.#systemctl('try-restart', 'grantd.service')
    return {
      report: { ...this.#report(), units: summaries(steps), ...(await this.#lingers()) },
      texts: this.#isDryRun ? unitTexts(steps) : '',
    }
  }

  async uninstall(): Promise<Done> {
    const removed = planUninstall(this.#directory, await this.#found())
    if (removed.length > 0) {
      // units that nobody enabled run nowhere, and need no systemd to go
      const isThere = this.#isDryRun || (await this.#isEnabled()) || !(await this.#silence())
      if (isThere) await this.#systemctl('disable', '--now', ...SOCKET_UNITS)
      if (isThere) await this.#systemctl('stop', 'grantd.service')
      if (!this.#isDryRun) for (const path of removed) await this.#machine.remove(path)
      if (isThere) await this.#systemctl('daemon-reload')
    }
    return { report: { ...this.#report(), removed }, texts: '' }
  }

  async state() {
    const steps = summaries(await this.#plan())
    const names = steps.map(({ name }) => name)
    const { stdout } = await this.#machine.run('systemctl', ['--user', 'is-active', ...names])
    const words = stdout.split('\n')
    const units = steps.map((step, index) => ({ ...step, active: words[index] || 'unknown' }))
    return { units, ...(await this.#lingers()) }
  }

  async #plan(): Promise<readonly UnitStep[]> {
    const { node, script } = await this.#machine.program()
    const option = '--disable-sigusr1'
    const nodeOptions = this.#machine.knowsOption(option) ? [option] : []
    const templates = new Map<string, string>()
    for (const name of UNIT_NAMES) templates.set(name, await this.#machine.template(name))
    const units = renderUnits(templates, { node, nodeOptions, script })
    return planInstall(this.#directory, units, await this.#found())
  }

  async #found(): Promise<ReadonlyMap<string, string | undefined>> {
    const found = new Map<string, string | undefined>()
    for (const name of UNIT_NAMES)
      found.set(name, await this.#machine.read(join(this.#directory, name)))
    return found
  }

  /** systemd would take the path of the sockets from under a daemon that was started by hand. */
  async #requireNoOther(): Promise<void> {
    const { stdout } = await this.#machine.run('systemctl', [
      '--user',
      'is-active',
      SOCKET_UNITS[0],
    ])
    if (stdout.trim() === 'active') return
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

  async #isEnabled(): Promise<boolean> {
    const link = join(this.#directory, 'sockets.target.wants', SOCKET_UNITS[0])
    return (await this.#machine.read(link)) !== undefined
  }

  /** @returns That no systemd answers, in its words; undefined when one does. */
  async #silence(): Promise<string | undefined> {
    const args = ['--user', 'show', '--property=Version']
    const { status, stderr } = await this.#machine.run('systemctl', args)
    if (status === 0) return undefined
    const why = stderr.trim().split('\n')[0] ?? ''
    return `no systemd of this user answers${why === '' ? '' : ` (${why})`}`
  }

  async #systemctl(...args: readonly string[]): Promise<void> {
    const command = ['systemctl', '--user', ...args]
    this.#commands.push(command.join(' '))
    if (this.#isDryRun) return
    const { status, stderr } = await this.#machine.run('systemctl', ['--user', ...args])
    if (status === 0) return
    const why = stderr.trim().split('\n')[0] ?? ''
    throw new Error(`"${command.join(' ')}" failed: ${why || 'no systemd of this user answers'}`)
  }

  #report(): ServiceReport {
    return { units: [], removed: [], commands: this.#commands, isDryRun: this.#isDryRun }
  }

  /** Not told where nobody knows. */
  async #lingers(): Promise<{ readonly lingers?: boolean }> {
    const args = ['show-user', String(this.#world.uid), '--property=Linger', '--value']
    const { stdout } = await this.#machine.run('loginctl', args)
    const word = stdout.trim()
    return word === 'yes' || word === 'no' ? { lingers: word === 'yes' } : {}
  }
}

function summaries(
  steps: readonly UnitStep[],
): readonly Pick<UnitStep, 'name' | 'path' | 'kind'>[] {
  return steps.map(({ name, path, kind }) => ({ name, path, kind }))
}
