import t from 'tap'
import { ServiceInstallation } from '../../cli/service-installation.ts'
import type { ServiceManager } from '../../cli/service-manager.ts'
import { FakeWorld } from '../fakes/cli-world.ts'
import { FakeMachine } from '../fakes/fake-machine.ts'

const MARK = '# ours\n'

interface Scene {
  readonly machine: FakeMachine
  readonly steps: string[]
  readonly say: { silence: string | undefined; isEnabled: boolean; lingers: boolean | undefined }
  readonly installation: (isDryRun?: boolean) => ServiceInstallation
}

function scene(socketPath?: string): Scene {
  const machine = new FakeMachine()
  const steps: string[] = []
  const say: Scene['say'] = { silence: undefined, isEnabled: false, lingers: undefined }
  const step = (name: string) => async () => void steps.push(name)
  const manager: ServiceManager = {
    places: new Map([['unit', '/units/unit']]),
    mark: MARK,
    render: async ({ node, nodeOptions }) =>
      new Map([['unit', `${MARK}${[node, ...nodeOptions].join(' ')}\n`]]),
    silence: async () => say.silence,
    listens: async () => false,
    isEnabled: async () => say.isEnabled,
    prepare: async () => void steps.push(`prepare ${machine.files.size}`),
    start: async (plan) => void steps.push(`start ${plan.map(({ kind }) => kind).join(' ')}`),
    stop: async (names) => void steps.push(`stop ${names.join(' ')} ${machine.files.size}`),
    forget: step('forget'),
    activity: async () => [],
    lingers: async () => say.lingers,
  }
  const world = new FakeWorld(socketPath === undefined ? {} : { socketPath: () => socketPath })
  const installation = (isDryRun = false) =>
    new ServiceInstallation({ manager, world, machine, isDryRun })
  return { machine, steps, say, installation }
}

t.test('what units need comes before them, and their start after', async (t) => {
  const { machine, steps, say, installation } = scene()
  say.lingers = false
  const { report, texts } = await installation().install()
  t.same(report, {
    units: [{ name: 'unit', path: '/units/unit', kind: 'new' }],
    removed: [],
    lingers: false,
  })
  t.equal(texts, '')
  t.equal(machine.files.get('/units/unit'), `${MARK}/opt/node/bin/node\n`)
  t.same(steps, ['prepare 0', 'start new'])
  machine.options = ['--disable-sigusr1']
  await installation().install()
  await installation().install()
  t.same(steps.slice(2), ['prepare 1', 'start changed', 'prepare 1', 'start same'])
  t.match(machine.files.get('/units/unit'), ' --disable-sigusr1\n')
})

t.test('a manager that is silent gets no units, and a dry run shows them', async (t) => {
  const { machine, steps, say, installation } = scene()
  say.silence = 'nobody answers'
  await t.rejects(installation().install(), { message: 'nobody answers; run: grantd serve' })
  t.same([machine.files.size, steps], [0, []])
  t.match((await installation(true).install()).texts, `--- /units/unit\n${MARK}`)
  t.equal(machine.files.size, 0)
})

t.test('it is stopped before its units go, and where it cannot run it is not asked', async (t) => {
  const { machine, steps, say, installation } = scene()
  const plant = () => machine.files.set('/units/unit', MARK)
  plant()
  t.same((await installation().uninstall()).report, { units: [], removed: ['/units/unit'] })
  t.same([steps, machine.files.size], [['stop unit 1', 'forget'], 0])
  steps.length = 0
  t.same((await installation().uninstall()).report.removed, [])
  say.silence = 'nobody answers'
  plant()
  await installation().uninstall()
  t.same([steps, machine.files.size], [[], 0])
  say.isEnabled = true
  plant()
  await installation().uninstall()
  t.same(steps, ['stop unit 1', 'forget'])
  plant()
  await installation(true).uninstall()
  t.equal(machine.files.size, 1)
})

t.test('a unit of which nothing is said is unknown', async (t) => {
  const { installation } = scene()
  t.same(await installation().state(), {
    units: [{ name: 'unit', path: '/units/unit', kind: 'new', active: 'unknown' }],
  })
})

t.test('beside a daemon that root has set up nobody would look for another', async (t) => {
  const { machine, installation } = scene('/run/grantd/1000/broker.sock')
  await t.rejects(installation().install(), { message: /^root has this machine run a daemon/ })
  t.equal(machine.files.size, 0)
})
