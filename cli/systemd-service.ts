import { join } from 'node:path'
import { firstLine, type ServiceCommands } from './service-commands.ts'
import type { Machine } from './service-machine.ts'
import type { ServiceManager } from './service-manager.ts'
import { isWritten } from './service-plan.ts'
import { isOutdated } from './systemd-outdated.ts'
import { MARK, renderUnits, SOCKET_UNITS, UNIT_NAMES } from './systemd-units.ts'
import type { World } from './world.ts'

/**
 * The systemd of a user.
 *
 * @throws Error without a home directory
 */
export function systemdOfUser(
  { env, uid }: Pick<World, 'env' | 'uid'>,
  machine: Pick<Machine, 'read' | 'template'>,
  commands: ServiceCommands,
): ServiceManager {
  const { XDG_CONFIG_HOME: config, HOME: home } = env
  const base = config?.startsWith('/') === true ? config : home && join(home, '.config')
  // or units would be written to, and removed from, whatever directory we are in
  if (base?.startsWith('/') !== true) throw new Error('HOME names no home directory')
  const directory = join(base, 'systemd', 'user')
  const ask = async (...args: readonly string[]) => commands.ask('systemctl', '--user', ...args)
  const change = async (...args: readonly string[]) =>
    commands.change('systemctl', '--user', ...args)
  return {
    places: new Map(UNIT_NAMES.map((name) => [name, join(directory, name)])),
    mark: MARK,
    async render(program) {
      const templates = new Map<string, string>()
      for (const name of UNIT_NAMES) templates.set(name, await machine.template(`systemd/${name}`))
      return renderUnits(templates, program)
    },
    async silence() {
      const { status, stderr } = await ask('show', '--property=Version')
      if (status === 0) return undefined
      const why = firstLine(stderr)
      return `no systemd of this user answers${why === '' ? '' : ` (${why})`}`
    },
    listens: async () => (await ask('is-active', SOCKET_UNITS[0])).stdout.trim() === 'active',
    async isEnabled() {
      const link = join(directory, 'sockets.target.wants', SOCKET_UNITS[0])
      return (await machine.read(link)) !== undefined
    },
    // it makes the directory of its sockets itself
    prepare: async () => undefined,
    async start(steps) {
      // asked first: to enable them has it read them, too
      const isLate = await isOutdated(commands, ['--user'], UNIT_NAMES)
      if (isLate || steps.some(isWritten)) await change('daemon-reload')
      await change('enable', '--now', ...SOCKET_UNITS)
      if (isLate || steps.some(({ kind }) => kind === 'changed'))
        await change('try-restart', UNIT_NAMES[0])
    },
    async stop(names) {
      const sockets = SOCKET_UNITS.filter((name) => names.includes(name))
      if (sockets.length > 0) await change('disable', '--now', ...sockets)
      if (names.includes(UNIT_NAMES[0])) await change('stop', UNIT_NAMES[0])
    },
    forget: async () => change('daemon-reload'),
    async activity() {
      const words = (await ask('is-active', ...UNIT_NAMES)).stdout.split('\n')
      return UNIT_NAMES.map((_, index) => words[index] || 'unknown')
    },
    async lingers() {
      const args = ['show-user', String(uid), '--property=Linger', '--value']
      const word = (await commands.ask('loginctl', ...args)).stdout.trim()
      return word === 'yes' || word === 'no' ? word === 'yes' : undefined
    },
  }
}
