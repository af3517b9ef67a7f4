import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { needsRoot } from '../needs.ts'
import { add, isGone, kept, token, worldWithGrant } from './capability.ts'
import { startProgram } from './command.ts'
import { startWorld, type World } from './world.ts'

const HELPER = join(import.meta.dirname, '..', '..', '..', 'integrations', 'grantd-token')

/** Nobody's: no account of a Debian system has it. */
const OTHER_UID = 64_242

/** Somebody who listens at a path and counts what is said to him. */
async function listenAt(t: Test, path: string): Promise<() => number> {
  let bytes = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (part) => {
      bytes += part.length
    })
  })
  t.teardown(() => server.close())
  server.listen(path)
  await once(server, 'listening')
  return () => bytes
}

/** The command and the shell helper, which find the socket by themselves. */
async function askersOf(world: World) {
  const home = { environment: world.environment, directory: world.directory }
  return [
    await world.run(['token', 'work']),
    await world.run(['status']),
    await startProgram('sh', [HELPER, 'work'], home).ended,
  ]
}

t.test('no daemon starts where its directory leads somewhere else', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.kill()
  for (const directory of [dirname(world.sockets.broker), world.stateDirectory]) {
    const real = `${directory}-real`
    renameSync(directory, real)
    symlinkSync(real, directory)
    await t.rejects(world.restart(), /is a symbolic link/, directory)
    rmSync(directory)
    mkdirSync(directory, { mode: 0o777 })
    chmodSync(directory, 0o777)
    await t.rejects(world.restart(), /is open to others/, directory)
    rmSync(directory, { recursive: true })
    renameSync(real, directory)
  }
  await world.restart()
  t.match(await world.run(['status']), { status: 0 })
})

t.test('whoever takes the place of the sockets is told nothing', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const directory = dirname(world.sockets.broker)
  const real = `${directory}-real`
  renameSync(directory, real)
  const theirs = join(world.directory, 'theirs')
  mkdirSync(theirs, { mode: 0o700 })
  const heard = await Promise.all(
    ['broker.sock', 'admin.sock'].map((name) => listenAt(t, join(theirs, name))),
  )
  const told = (): number => heard.reduce((sum, bytes) => sum + bytes(), 0)

  symlinkSync(theirs, directory)
  for (const { status, stdout } of await askersOf(world)) t.same([status, stdout], [6, ''])
  rmSync(directory)
  renameSync(theirs, directory)
  chmodSync(directory, 0o777)
  for (const { status, stdout } of await askersOf(world)) t.same([status, stdout], [6, ''])
  chmodSync(directory, 0o700)
  await t.test('also where it is of somebody else', needsRoot(), async (t) => {
    chownSync(directory, OTHER_UID, OTHER_UID)
    for (const { status, stdout } of await askersOf(world)) t.same([status, stdout], [6, ''])
    chownSync(directory, 0, 0)
    for (const name of ['broker.sock', 'admin.sock'])
      chownSync(join(directory, name), OTHER_UID, OTHER_UID)
    for (const { status, stdout } of await askersOf(world)) t.same([status, stdout], [6, ''])
  })
  t.equal(told(), 0, 'not a byte')

  rmSync(directory, { recursive: true })
  mkdirSync(directory, { mode: 0o700 })
  const second = world.run(['serve', ...world.serveArguments])
  t.match(await second, { status: 1, stderr: /another daemon|already|in use/ }, 'no second daemon')
  rmSync(directory, { recursive: true })
  renameSync(real, directory)
  t.match(await world.run(['token', 'work']), { status: 0 }, 'the one that was there goes on')
})

t.test('a capability does not come back where its directory leads elsewhere', async (t) => {
  const world = await worldWithGrant(t, kept(t))
  const directory = join(world.directory, 'own')
  const elsewhere = join(world.directory, 'elsewhere')
  for (const path of [directory, elsewhere]) mkdirSync(path, { mode: 0o700 })
  const path = join(directory, 's')
  await add(world, { path })
  t.match(await token(path), { status: 200 })
  await world.kill()
  rmSync(directory, { recursive: true })
  symlinkSync(elsewhere, directory)
  await world.restart()
  t.ok(await isGone(path))
  t.ok(await isGone(join(elsewhere, 's')), 'nothing was made there')
  t.match(await world.token({ grant: 'work' }), { status: 200 }, 'everything else is served')
  t.match(world.auditLog(), /"capability":"ci".*"reason":"unusable"/, 'it is gone, on record')
  rmSync(directory)
  mkdirSync(directory, { mode: 0o700 })
  await world.restart()
  t.ok(await isGone(path), 'for good')
})
