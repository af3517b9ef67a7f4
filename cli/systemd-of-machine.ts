import { firstLine, type ServiceCommands } from './service-commands.ts'
import type { Machine } from './service-machine.ts'
import type { ServiceManager } from './service-manager.ts'
import { isWritten } from './service-plan.ts'
import { isOutdated } from './systemd-outdated.ts'
import { MARK, renderUnits } from './systemd-units.ts'

const UNITS = '/etc/systemd/system'

/** What the machine's systemd is told of one user whom it runs a daemon for. */
interface Served {
  readonly name: string
  readonly uid: number
}

/**
 * The systemd of the machine, which runs a daemon for one user under another uid. Each user
 * has units of their own: an update for one is none for the others.
 */
export function systemdOfMachine(
  { name, uid }: Served,
  machine: Pick<Machine, 'read' | 'template' | 'changeable' | 'code'>,
  commands: ServiceCommands,
): ServiceManager {
  const sockets = [`grantd@${uid}.socket`, `grantd-admin@${uid}.socket`] as const
  const service = `grantd@${uid}.service`
  const units = [service, ...sockets]
  const account = `grantd-${uid}`
  const accounts = `/etc/sysusers.d/${account}.conf`
  const settings = `/etc/grantd/users/${uid}`
  const config = `${settings}/config.toml`
  const key = `${settings}/grantd-sealing-key`
  const change = async (...args: readonly string[]) => commands.change('systemctl', ...args)
  return {
    places: new Map([
      ...units.map((unit) => [unit, `${UNITS}/${unit}`] as const),
      [`${account}.conf`, accounts],
    ]),
    mark: MARK,
    async render(program) {
      for (const path of [program.node, program.script, ...(await machine.code())]) {
        const open = await machine.changeable(path)
        if (open !== undefined)
          throw new Error(
            `others than root can change "${open}", and so what runs as ${account}; install grantd for the whole machine`,
          )
      }
      const templates = new Map<string, string>()
      for (const unit of units)
        templates.set(
          unit,
          await machine.template(`systemd/system/${unit.replace(`@${uid}`, '@')}`),
        )
      const line = `u ${account} - "grantd of ${name}" /var/lib/grantd/${uid}\n`
      return new Map([...renderUnits(templates, program), [`${account}.conf`, MARK + line]])
    },
    async silence() {
      const { status, stderr } = await commands.ask('systemctl', 'show', '--property=Version')
      return status === 0 ? undefined : `no systemd of this machine answers (${firstLine(stderr)})`
    },
    // its sockets lie where root alone can put something
    listens: async () => true,
    isEnabled: async () =>
      (await machine.read(`${UNITS}/sockets.target.wants/${sockets[0]}`)) !== undefined,
    async prepare() {
      const hasConfig = (await machine.read(config)) !== undefined
      const hasKey = (await machine.read(key)) !== undefined
      if (hasConfig && hasKey) return
      const directories = ['/etc/grantd', '/etc/grantd/users', settings]
      await commands.change('install', '-d', '-m', '755', ...directories)
      if (!hasConfig) await commands.change('sh', '-c', writeConfig(config))
      if (!hasKey) await commands.change('sh', '-c', sealNewKey(key))
    },
    async start(steps) {
      await commands.change('systemd-sysusers', accounts)
      // asked first: to enable them has it read them, too
      const isLate = await isOutdated(commands, [], units)
      if (isLate || steps.some(isWritten)) await change('daemon-reload')
      await change('enable', '--now', ...sockets)
      if (isLate || steps.some(({ kind }) => kind === 'changed'))
        await change('try-restart', service)
    },
    async stop(names) {
      const listening = sockets.filter((name) => names.includes(name))
      if (listening.length > 0) await change('disable', '--now', ...listening)
      if (names.includes(service)) await change('stop', service)
    },
    async forget() {
      await change('daemon-reload')
      // clients look here as long as it is there
      await commands.change('rm', '-rf', `/run/grantd/${uid}`)
    },
    async activity() {
      const words = (await commands.ask('systemctl', 'is-active', ...units)).stdout.split('\n')
      const { status } = await commands.ask('getent', 'passwd', account)
      return [
        ...units.map((_, index) => words[index] || 'unknown'),
        status === 0 ? 'there' : 'unknown',
      ]
    },
    // nothing of it ends with a session
    lingers: async () => undefined,
  }
}

/** The daemon reads it, and only root writes it. */
function writeConfig(path: string): string {
  const print = `printf '[vault]\\nsealing_key = "credential-file"\\n' >"$new" && chmod 644 "$new"`
  return inOneStep(path, print)
}

/** Only this machine can read it, and only root there. */
function sealNewKey(path: string): string {
  const encrypt = 'systemd-creds encrypt --with-key=host --name=grantd-sealing-key - "$new"'
  return inOneStep(path, `head -c 32 /dev/urandom | ${encrypt}`)
}

/**
 * A file that is whole or not there, and that nobody replaces: of two installations at once the
 * first one counts.
 *
 * @param write Writes to the file that `$new` names.
 */
function inOneStep(path: string, write: string): string {
  const keep = `sync "$new" && { ln "$new" ${path} 2>/dev/null || test -f ${path}; }`
  return `umask 077; new=$(mktemp ${path}.XXXXXXXX) && ${write} && ${keep}; status=$?; rm -f "$new"; exit $status`
}
