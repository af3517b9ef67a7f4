import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { connect } from 'node:net'
import { constants as system } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { startWorld, tokenOf, type World } from '../integration/world.ts'
import { asNobodySpecial } from './as-nobody-special.ts'
import { countInMemory } from './process-memory.ts'
import { attached, outcome, outcomes, readError, takenDescriptor } from './reach-process.ts'

/** Where Node's debugger listens unless it is told otherwise. */
const INSPECTOR_PORT = 9_229

async function inspectorListens(): Promise<boolean> {
  const socket = connect(INSPECTOR_PORT, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A world with one grant, and the refresh token that the issuer gave last. */
async function worldWithGrant(t: Test, preload?: string): Promise<[World, Buffer]> {
  const world = await startWorld(preload === undefined ? {} : { preload: { module: preload } })
  t.teardown(() => world.close())
  let refreshToken = ''
  const rewrite = <A extends { readonly body: string }>(answer: A): A => {
    const { refresh_token } = JSON.parse(answer.body) as { readonly refresh_token?: string }
    refreshToken = refresh_token ?? refreshToken
    return answer
  }
  world.issuer.proxy.next({ kind: 'rewrite', rewrite }, 1_000)
  await world.login()
  tokenOf(await world.token({ grant: 'work' }))
  if (refreshToken === '') throw new Error('the issuer gave no refresh token')
  return [world, Buffer.from(refreshToken)]
}

/** Every place below a directory that holds these bytes. */
function filesWith(directory: string, needle: Buffer): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(directory, name)
    let found: Stats
    try {
      found = statSync(path)
    } catch {
      return false // it went while we looked
    }
    return found.isFile() && readFileSync(path).includes(needle)
  })
}

/** Every readable place of the daemon and of its user's processes that holds these bytes. */
function placesOf(world: World, needle: Buffer): readonly string[] {
  const pid = world.daemonPid()
  const places: string[] = [...filesWith(world.directory, needle)]
  let count = 0
  const memory = outcome(() => {
    count = countInMemory(pid, [needle])[0] ?? 0
  })
  if (memory === 'open' && count > 0) places.push('memory of the daemon')
  for (const other of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    for (const file of ['environ', 'cmdline'])
      outcome(() => {
        if (readFileSync(`/proc/${other}/${file}`).includes(needle))
          places.push(`${file} of ${other}`)
      })
  return places
}

asNobodySpecial(
  'another process of the same user reads nothing',
  fileURLToPath(import.meta.url),
  () => {
    t.test('a daemon is closed to the other processes of its user', async (t) => {
      const [world, refreshToken] = await worldWithGrant(t)
      const pid = world.daemonPid()
      for (const [file, what] of Object.entries(outcomes(pid)))
        t.match(what, /^(?:EACCES|EPERM)$/, `${file}: ${what}`)
      const { EPERM } = system.errno
      t.same(attached(pid), [EPERM, EPERM], 'no debugger attaches')
      t.equal(readError(pid), EPERM, 'no memory is read')
      t.equal(takenDescriptor(pid), EPERM, 'no descriptor is copied')
      t.same(placesOf(world, refreshToken), [], 'the refresh token is nowhere')
      const { status } = await world.token({ grant: 'work' })
      t.equal(status, 200, 'and it knows its callers all the same')
      t.match((await world.run(['doctor'])).stdout, /^ok .*closed to your other programs$/m)
    })

    t.test('one that is opened again shows that all of this finds something', async (t) => {
      const preload = new URL('../fakes/reopened.js', import.meta.url).href
      const [world, refreshToken] = await worldWithGrant(t, preload)
      await pause(100)
      const pid = world.daemonPid()
      for (const [file, what] of Object.entries(outcomes(pid))) t.equal(what, 'open', file)
      t.equal(readError(pid), system.errno.EFAULT)
      t.equal(takenDescriptor(pid), 0)
      t.ok(placesOf(world, refreshToken).includes('memory of the daemon'))
      const said = /^fail .*other programs can read the memory of the daemon/m
      t.match(await world.run(['doctor']), { status: 1, stdout: said }, 'and doctor sees it')
    })

    t.test('the signal for the debugger opens none', async (t) => {
      const [world] = await worldWithGrant(t)
      t.notOk(await inspectorListens())
      process.kill(world.daemonPid(), 'SIGUSR1')
      await pause(500)
      t.notOk(await inspectorListens())
      t.equal((await world.token({ grant: 'work' })).status, 200)

      const plain = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
      t.teardown(() => plain.kill('SIGKILL'))
      await pause(500)
      plain.kill('SIGUSR1')
      for (let tries = 0; tries < 50 && !(await inspectorListens()); tries += 1) await pause(100)
      t.ok(await inspectorListens(), 'as it does with any other program of Node')
    })
  },
)
