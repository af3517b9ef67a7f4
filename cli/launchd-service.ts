import { dirname, join } from 'node:path'
import { AGENT_MARK, LABEL, renderAgent } from './launchd-agent.ts'
import { firstLine, type ServiceCommands } from './service-commands.ts'
import type { Machine } from './service-machine.ts'
import type { ServiceManager } from './service-manager.ts'
import type { World } from './world.ts'

const AGENT = `${LABEL}.plist`

/** How often it is looked whether launchd has ended the daemon. */
const LOOK_MS = 250

/** Somewhat longer than `ExitTimeOut` of the agent, after which launchd kills it. */
const MAX_LOOKS = 140

/**
 * The launchd of a user who is logged in. It has not run on a Mac yet: what it relies on is in
 * `launchd/README.md`.
 *
 * @throws Error without a home directory
 * @see launchctl(1)
 */
export function launchdOfUser(
  { env, uid, timers }: Pick<World, 'env' | 'uid' | 'timers'>,
  machine: Pick<Machine, 'template'>,
  commands: ServiceCommands,
): ServiceManager {
  const { HOME: home } = env
  if (home?.startsWith('/') !== true) throw new Error('HOME names no home directory')
  // where every program looks whose environment names no other place
  const directory = join(home, 'Library', 'Application Support', 'grantd', 'run')
  const broker = join(directory, 'broker.sock')
  const admin = join(directory, 'admin.sock')
  const log = join(home, 'Library', 'Logs', 'grantd', 'daemon.log')
  const agent = join(home, 'Library', 'LaunchAgents', AGENT)
  const domain = `gui/${uid}`
  const target = `${domain}/${LABEL}`
  const ask = async (...args: readonly string[]) => commands.ask('launchctl', ...args)
  const change = async (...args: readonly string[]) => commands.change('launchctl', ...args)
  const isLoaded = async (): Promise<boolean> => (await ask('print', target)).status === 0
  /** It answers before the daemon has ended, and refuses to take the next one until then. */
  const unload = async (): Promise<void> => {
    await change('bootout', target)
    if (commands.isDryRun) return
    for (let looks = 0; await isLoaded(); looks += 1) {
      if (looks === MAX_LOOKS) throw new Error('launchd is still ending the daemon; try again')
      await timers.sleep(LOOK_MS, new AbortController().signal)
    }
  }
  return {
    places: new Map([[AGENT, agent]]),
    mark: AGENT_MARK,
    async render(program) {
      const template = await machine.template(`launchd/${AGENT}`)
      return new Map([[AGENT, renderAgent(template, program, { broker, admin, log })]])
    },
    async silence() {
      const { status, stderr } = await ask('print-disabled', domain)
      if (status === 0) return undefined
      const why = firstLine(stderr)
      return `no launchd of a user who is logged in answers${why === '' ? '' : ` (${why})`}`
    },
    listens: isLoaded,
    // where it does not answer, nobody is logged in for whom it could run
    isEnabled: async () => false,
    // it makes neither, and who else could write to the first could exchange the sockets
    prepare: async () => commands.change('install', '-d', '-m', '700', directory, dirname(log)),
    async start(steps) {
      if (await isLoaded()) {
        if (steps.every(({ kind }) => kind === 'same')) return
        await unload()
      }
      // who disabled it once has changed his mind
      await change('enable', target)
      await change('bootstrap', domain, agent)
    },
    async stop() {
      if (await isLoaded()) await unload()
    },
    // it reads no file that is gone
    forget: async () => undefined,
    async activity() {
      const { status, stdout } = await ask('print', target)
      const [, state = 'loaded'] = /^\s*state = (.+)$/m.exec(stdout) ?? []
      return [status === 0 ? state : 'unknown']
    },
    // agents of a desktop end with it, whatever is asked for
    lingers: async () => undefined,
  }
}
