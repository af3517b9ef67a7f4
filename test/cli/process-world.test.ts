import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { type Process, processWorld } from '../../cli/process-world.ts'

/** A process without a terminal that remembers how it was asked to end. */
function fakeProcess() {
  const exits: unknown[] = []
  const stdout = new PassThrough()
  const stderr = Object.assign(new PassThrough(), { isTTY: true })
  const fake = Object.assign(new EventEmitter(), {
    argv: ['node', '/usr/bin/grantd', 'doctor'],
    execPath: '/usr/bin/node',
    env: { A: 'b' },
    platform: 'linux',
    versions: process.versions,
    getuid: () => 1000,
    stdin: new PassThrough(),
    stdout,
    stderr,
    exit: (code: unknown) => exits.push(code),
  })
  return { fake, exits, stdout, stderr, world: processWorld(fake as unknown as Process) }
}

t.test('the world is the process', async (t) => {
  const { world, fake, stdout, stderr } = fakeProcess()
  t.match(world, { env: { A: 'b' }, platform: 'linux', uid: 1000 })
  t.same(world.program, { node: '/usr/bin/node', script: '/usr/bin/grantd' })
  t.equal(world.nodeVersion, process.versions.node)
  t.equal(world.stdin, fake.stdin)
  world.stdout.write('out')
  world.stderr.write('err')
  t.same([`${stdout.read()}`, `${stderr.read()}`], ['out', 'err'])
  t.same([world.stdout.isTTY, world.stderr.isTTY], [false, true])
  const bare = Object.assign(fake, { getuid: undefined }) as unknown as Process
  t.equal(processWorld(bare).uid, -1, 'where there are no user ids')
  const nameless = Object.assign(fake, { argv: ['node'] }) as unknown as Process
  t.equal(processWorld(nameless).program.script, '', 'where nobody says what runs')
})

t.test('both sockets are where the SDK looks', async (t) => {
  const { world } = fakeProcess()
  t.match(world.socketPath('broker'), /\/broker\.sock$/)
  t.match(world.socketPath('admin'), /\/admin\.sock$/)
  t.ok(world.connect('admin'))
})

t.test('the first signal is caught, whichever it is, and no second one', async (t) => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    const { world, fake } = fakeProcess()
    const seen: string[] = []
    world.onInterrupt((signal) => seen.push(signal))
    fake.emit(name, name)
    fake.emit(name, name)
    t.same(seen, [name])
    t.same(fake.eventNames(), [])
  }
  const { world, fake } = fakeProcess()
  world.onInterrupt(() => t.fail('stopped'))()
  fake.emit('SIGINT', 'SIGINT')
})

t.test('a reader that went away ends the command, any other failure says its code', async (t) => {
  for (const [code, said] of [
    ['EPIPE', null],
    ['ENOSPC', 'grantd: cannot write: ENOSPC\n'],
    [undefined, 'grantd: cannot write: unknown\n'],
  ] as const) {
    const { exits, stdout, stderr } = fakeProcess()
    stdout.emit('error', Object.assign(new Error('no'), { code }))
    t.same(exits, [1])
    t.equal(stderr.read()?.toString() ?? null, said)
  }
  const { exits, stderr } = fakeProcess()
  stderr.emit('error', Object.assign(new Error('no'), { code: 'ENOSPC' }))
  t.same([exits, stderr.read()], [[1], null], 'nowhere is left to say it')
})

t.test('a program is started', async (t) => {
  await t.resolves(fakeProcess().world.start('/nonexistent/xdg-open', []))
})
