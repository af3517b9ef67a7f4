import { readFileSync } from 'node:fs'
import { locateSockets } from '@grantd/client'
import t from 'tap'
import { AGENT_MARK } from '../../cli/launchd-agent.ts'
import { launchdOfUser } from '../../cli/launchd-service.ts'
import { run } from '../../cli/service.ts'
import { ServiceCommands } from '../../cli/service-commands.ts'
import type { ProgramRun } from '../../cli/service-machine.ts'
import { FakeWorld } from '../fakes/cli-world.ts'
import { FakeMachine } from '../fakes/fake-machine.ts'

const HOME = '/Users/me'
const AGENT = `${HOME}/Library/LaunchAgents/dev.grantd.agent.plist`
const uid = process.getuid?.() ?? -1
const target = `gui/${uid}/dev.grantd.agent`

const MAKE = `install -d -m 700 '${HOME}/Library/Application Support/grantd/run' ${HOME}/Library/Logs/grantd`
const TAKE = [`launchctl enable ${target}`, `launchctl bootstrap gui/${uid} ${AGENT}`]
const END = `launchctl bootout ${target}`

/** A machine whose launchd does what it is told, if slowly. */
class FakeMac extends FakeMachine {
  isLoaded = false
  /** How often it is asked before an agent it was told to end has ended. */
  endsAfter = 2
  state = 'not running'
  #looks = 0

  override async template(name: string): Promise<string> {
    return readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
  }

  override async run(program: string, args: readonly string[]): Promise<ProgramRun> {
    const said = await super.run(program, args)
    const [verb] = args
    if (verb === 'bootstrap') this.isLoaded = true
    if (verb === 'bootout') this.#looks = this.endsAfter
    if (verb !== 'print') return said
    if (this.#looks > 0) {
      this.#looks -= 1
      if (this.#looks === 0) this.isLoaded = false
    }
    return this.isLoaded
      ? { ...said, stdout: `${target} = {\n\tactive count = 0\n\tstate = ${this.state}\n}\n` }
      : { ...said, status: 113 }
  }
}

interface Done {
  readonly exit: number
  readonly text: string
  /** What changes something. */
  readonly changes: readonly string[]
}

async function service(machine: FakeMac, ...args: readonly string[]): Promise<Done> {
  const world = new FakeWorld({ env: { HOME }, platform: 'darwin' })
  machine.ran.length = 0
  const exit = await run(world, args, machine)
  const changes = machine.ran.filter((line) => !line.startsWith('launchctl print'))
  return { exit, text: world.stdout.text, changes: changes.map((line) => line.replaceAll("'", '')) }
}

const bare = (lines: readonly string[]) => lines.map((line) => line.replaceAll("'", ''))

t.test('install makes the directories, writes the agent and has launchd take it', async (t) => {
  const machine = new FakeMac()
  const { exit, text, changes } = await service(machine, 'install')
  t.equal(exit, 0)
  t.same([...machine.files.keys()], [AGENT])
  const agent = machine.files.get(AGENT) ?? ''
  t.ok(agent.startsWith(AGENT_MARK))
  const { broker, admin } = locateSockets({
    env: {},
    uid,
    home: HOME,
    tmpdir: '/tmp',
    platform: 'darwin',
    isDirectory: () => false,
  })
  for (const path of [broker, admin])
    t.match(agent, `<string>${path}</string>`, 'where every program looks')
  t.match(agent, '<string>/opt/grantd/main.js</string>\n    <string>serve</string>')
  t.same(changes, bare([MAKE, ...TAKE]))
  t.match(text, `${AGENT}: written\n`)
  t.match(text, `ran: ${MAKE}\n`)
  t.match(text, 'to undo it: grantd service uninstall\n')
  t.notMatch(text, 'linger')
})

t.test('a second time it runs on, and after an update it is ended first', async (t) => {
  const machine = new FakeMac()
  await service(machine, 'install')
  const again = await service(machine, 'install')
  t.same(again.changes, bare([MAKE]))
  t.match(again.text, `${AGENT}: as it was\n`)
  machine.options = ['--disable-sigusr1']
  const updated = await service(machine, 'install')
  t.same(updated.changes, bare([MAKE, END, ...TAKE]))
  t.match(machine.files.get(AGENT), '--disable-sigusr1')
  machine.isLoaded = false
  t.same((await service(machine, 'install')).changes, bare([MAKE, ...TAKE]), 'it was ended by hand')
})

t.test('a dry run asks, and changes nothing', async (t) => {
  const machine = new FakeMac()
  const first = await service(machine, 'install', '--dry-run')
  t.same([machine.files.size, first.changes], [0, []])
  for (const line of [MAKE, ...TAKE]) t.match(first.text, `would run: ${line}\n`)
  t.match(first.text, `--- ${AGENT}\n<?xml`)
  await service(machine, 'install')
  const last = await service(machine, 'uninstall', '--dry-run')
  t.match(last.text, `${AGENT}: would be removed\nwould run: ${END}\n`)
  t.same([machine.files.size, last.changes], [1, []])
})

t.test('uninstall ends it and removes what is ours, once', async (t) => {
  const machine = new FakeMac()
  await service(machine, 'install')
  const { changes } = await service(machine, 'uninstall')
  t.same([changes, machine.files.size], [[END], 0])
  t.match(await service(machine, 'uninstall'), { text: 'no unit of ours is installed\n' })
  await service(machine, 'install')
  machine.isLoaded = false
  t.same((await service(machine, 'uninstall')).changes, [], 'what does not run needs no end')
  machine.files.set(AGENT, '<?xml version="1.0"?>')
  t.match(await service(machine, 'uninstall'), { text: 'no unit of ours is installed\n' })
  await t.rejects(service(machine, 'install'), { message: /written by somebody else/ })
})

t.test('an end that takes too long is told', async (t) => {
  const machine = new FakeMac()
  await service(machine, 'install')
  machine.endsAfter = 1_000
  await t.rejects(service(machine, 'uninstall'), { message: /still ending the daemon; try again$/ })
  t.ok(machine.files.has(AGENT))
})

t.test('where nobody is logged in nothing is written', async (t) => {
  const machine = new FakeMac()
  const stderr = 'Could not find domain\n'
  machine.says.set('launchctl print-disabled', { status: 125, stderr })
  await t.rejects(service(machine, 'install'), {
    message:
      'no launchd of a user who is logged in answers (Could not find domain); run: grantd serve',
  })
  machine.files.set(AGENT, AGENT_MARK)
  t.same((await service(machine, 'uninstall')).changes, [])
  t.equal(machine.files.size, 0)
  machine.says.set('launchctl print-disabled', { status: undefined })
  await t.rejects(service(machine, 'install'), { message: /logged in answers; run/ })
})

t.test('status says what launchd says', async (t) => {
  const machine = new FakeMac()
  t.match(await service(machine, 'status'), { exit: 1, text: /: not installed, unknown\n/ })
  await service(machine, 'install')
  t.match(await service(machine, 'status'), { exit: 0, text: /: installed, not running\n/ })
  machine.state = 'running'
  t.match(await service(machine, 'status'), { exit: 0, text: /: installed, running\n/ })
  machine.options = ['--disable-sigusr1']
  t.match(await service(machine, 'status'), { exit: 1, text: /of another version/ })
})

t.test('without a home directory there is none', async (t) => {
  const machine = new FakeMac()
  const commands = new ServiceCommands(machine, false)
  for (const env of [{}, { HOME: 'me' }]) {
    const world = new FakeWorld({ env })
    t.throws(() => launchdOfUser(world, machine, commands), { message: /no home directory/ })
  }
})
