import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import {
  assuanScript,
  type PromptFixture,
  promptProgram,
  UNTIL_ANSWERED,
} from '../fakes/prompt-programs.ts'
import { keptConnection } from './kept-connection.ts'
import { recordsOf, writePolicy } from './policy-file.ts'
import { PASSPHRASE } from './vault-commands.ts'
import { type Answer, startWorld, type World } from './world.ts'

const HOUR_MS = 3_600_000

/** A file that was written so short a time ago does not count yet. */
const QUIET_MS = 110

/** A vault that a restart does not empty, so that the logins of before can be asked for. */
const KEPT = '[vault]\nsealing_key = "passphrase"\n'

const denied = { status: 403, body: { code: 'access_denied' } }
const asked = { grant: 'work', reason: 'roll back 1.4', seconds: 60 }

/** Nothing may be written, and nothing at all be had of `closed`; only the first may be lifted. */
function rules(pinentry: string, mark = 'break_glass = true'): string {
  return `[consent]
pinentry = "${pinentry}"
[[rule]]
name = "no writing"
effect = "deny"
scope = "repo:write"
${mark}
[[rule]]
name = "not this one"
effect = "deny"
grant = "closed"
`
}

/** Breaks every rule of a prompt program while the test wants it to. */
const OBEDIENT_OR_BROKEN = `if [ -e "$0.broken" ]; then
echo OK; while read -r line; do echo OK; done; exit
fi
${assuanScript(UNTIL_ANSWERED)}`

interface Scene {
  readonly world: World
  readonly prompt: PromptFixture
  /** Asks for it, and says yes. */
  readonly lift: (changes?: object) => Promise<Answer>
  readonly end: () => Promise<Answer>
  readonly write: () => Promise<Answer>
  readonly unlock: () => Promise<Answer>
  /** Puts the daemon's clocks off by so many milliseconds. */
  readonly move: (off: { readonly wall?: number; readonly monotonic?: number }) => Promise<void>
  /** The same for the time a change of the rules may go unnoticed, then asks. */
  readonly afterNextLook: (ask: () => Promise<Answer>) => Promise<Answer>
  /** Why the next one that was lifted ended, as soon as it is on record. */
  readonly nextEnd: () => Promise<unknown>
}

/** One daemon for all: each test leaves it with nothing lifted, and every end looked at. */
async function openScene(t: Test): Promise<Scene> {
  const prompt = promptProgram(t, OBEDIENT_OR_BROKEN)
  let daemon: ChildProcess | undefined
  const world = await startWorld({
    config: `${KEPT}${rules(prompt.path)}`,
    preload: {
      module: pathToFileURL(join(import.meta.dirname, '..', 'fakes', 'moving-clock.js')).href,
      launched: (child) => {
        daemon = child
      },
    },
  })
  t.teardown(() => world.close())
  const made = await world.ask('admin', 'POST', '/v1/vault/init', {
    body: { provider: 'passphrase', passphrase: PASSPHRASE },
  })
  if (made.status !== 200) throw new Error(`no vault: ${made.text}`)
  for (const grant of ['work', 'home', 'closed']) await world.login({ grant })
  const off = { wall: 0, monotonic: 0 }
  let ends = 0
  const move: Scene['move'] = async (next) => {
    if (daemon === undefined) throw new TypeError('there is a daemon')
    const moved = once(daemon, 'message')
    daemon.send(Object.assign(off, next))
    await moved
  }
  return {
    world,
    prompt,
    lift: async (changes = {}) => {
      const times = prompt.asked() + 1
      const body = { ...asked, ...changes }
      const answer = world.ask('admin', 'POST', '/v1/break-glass', { body })
      await prompt.whenAsked(times)
      prompt.answer('OK')
      return await answer
    },
    end: () => world.ask('admin', 'DELETE', '/v1/break-glass/work'),
    write: () => world.token({ grant: 'work', scope: 'repo:write' }),
    unlock: () =>
      world.ask('admin', 'POST', '/v1/vault/unlock', { body: { passphrase: PASSPHRASE } }),
    move,
    afterNextLook: async (ask) => {
      await move({ monotonic: off.monotonic + 1_000 })
      // by the clock of the file system, which nobody moves
      await sleep(QUIET_MS)
      return await ask()
    },
    nextEnd: async () => {
      ends += 1
      for (let look = 0; look < 400; look += 1) {
        const found = recordsOf(world, 'break_glass.ended')
        if (found.length > ends) return 'more than once'
        if (found.length === ends) return found.at(-1)?.['reason']
        await sleep(20)
      }
      return 'not at all'
    },
  }
}

const statusOf = async (world: World) =>
  (await world.ask('admin', 'GET', '/v1/status')).body?.['break_glass']

const { world, prompt, lift, end, write, unlock, move, afterNextLook, nextEnd } = await openScene(t)

t.test('a person lifts marked rules of one grant, and every step is on record', async (t) => {
  t.match(await write(), denied)
  t.match(await lift(), { status: 200, body: { grant: 'work', lifted: ['no writing'], used: 0 } })
  const desc = prompt.heard().find((line) => line.startsWith('SETDESC ')) ?? ''
  for (const fact of ['to lift rules for a while', '"roll back 1.4"', '"no writing"', '1 minute'])
    t.match(desc, fact)
  t.match(await write(), { status: 200, body: { scope: 'repo:write' } })
  t.match(await write(), { status: 200 }, 'a cached one too')
  t.match(await world.token({ grant: 'work', scope: 'repo:admin' }), {
    body: { code: 'invalid_scope' },
  })
  t.match(await world.token({ grant: 'home', scope: 'repo:write' }), denied, 'of one grant only')
  t.match(await world.token({ grant: 'home', scope: 'repo:read' }), { status: 200 })
  t.match(await statusOf(world), [{ grant: 'work', reason: 'roll back 1.4', used: 2 }])
  const { stdout } = await world.run(['status'])
  t.match(stdout, /^break-glass +"work", class local, (1:00|0:\d\d) left, .*roll back 1\.4/m)
  const started = recordsOf(world, 'break_glass.started')
  const request = { reason: 'roll back 1.4', class: 'local', for: 60 }
  t.match(started, [{ peer: { pid: process.pid }, grant: 'work', lifted: 'no writing', request }])
  t.match(recordsOf(world, 'break_glass.used'), [
    { peer: { pid: process.pid }, token: /./, lifted: 'no writing' },
    { grant: 'work', request: { reason: 'roll back 1.4' } },
  ])
  t.match(recordsOf(world, 'token.issued'), [{ lifted: 'no writing' }, { lifted: 'no writing' }])
  const ended = await world.run(['break-glass', '--end', 'work'])
  t.equal(ended.status, 0)
  t.match(ended.stdout, '2 tokens left while they were lifted')
  t.match(await write(), denied, 'also the token that is cached')
  t.equal(await statusOf(world), undefined)
  t.equal(await nextEnd(), 'closed')
  t.match(recordsOf(world, 'break_glass.ended'), [{ peer: { uid: process.getuid?.() } }])
  t.equal((await world.run(['break-glass', '--end', 'work'])).status, 2)
  const lines = (await world.run(['audit', 'query', '--event', 'break_glass', '--json'])).stdout
  t.equal(lines.match(/"event":"break_glass\.\w+"/g)?.length, 4)
})

t.test('a no, nobody at the prompt and a broken prompt lift nothing', async (t) => {
  const started = recordsOf(world, 'break_glass.started').length
  writeFileSync(`${prompt.path}.broken`, '')
  t.match(await world.ask('admin', 'POST', '/v1/break-glass', { body: asked }), {
    status: 403,
    body: { code: 'consent_unavailable' },
  })
  t.match(await write(), denied)
  unlinkSync(`${prompt.path}.broken`)
  const questions = prompt.asked() + 1
  const waiting = world.run(['break-glass', 'work', '--reason', 'x', '--for', '1m'])
  await prompt.whenAsked(questions)
  t.match(await write(), denied, 'while the question stands there nothing is lifted')
  prompt.answer('ERR 83886179 Operation cancelled')
  t.equal((await waiting).status, 4)
  t.match(await write(), denied)
  t.match(await world.ask('broker', 'POST', '/v1/break-glass', { body: asked }), { status: 400 })
  t.match(
    await world.ask('admin', 'POST', '/v1/break-glass', { body: { ...asked, seconds: 3_601 } }),
    { status: 400 },
  )
  t.equal(recordsOf(world, 'break_glass.started').length, started)
  // as long as a no counts nobody is asked again
  await move({ monotonic: 10_000 })
})

t.test('a rule without the mark is not lifted', async (t) => {
  t.match(await lift({ grant: 'closed' }), { status: 200, body: { lifted: ['no writing'] } })
  t.match(await world.token({ grant: 'closed', scope: 'repo:write' }), denied)
  t.match(await world.token({ grant: 'closed', scope: 'repo:read' }), denied)
  t.match(await world.ask('admin', 'DELETE', '/v1/break-glass/closed'), { status: 200 })
  t.equal(await nextEnd(), 'closed')
})

t.test('a connection that was there before, during and after gets no more of it', async (t) => {
  const ask = keptConnection(t, world)
  const writing = { grant: 'work', scope: 'repo:write' }
  for (let times = 0; times < 2; times += 1) {
    t.match(await ask(writing), { code: 'access_denied' })
    t.match(await lift(), { status: 200 })
    t.match(await ask(writing), { scope: 'repo:write' })
    t.match(await end(), { status: 200, body: { used: 1 } })
    t.equal(await nextEnd(), 'closed')
    t.match(await ask(writing), { code: 'access_denied' })
  }
})

t.test('it is of the class it was asked for, and no other', async (t) => {
  t.match(await lift({ class: 'relay' }), { status: 200, body: { class: 'relay' } })
  t.match(await write(), denied)
  t.match(await end(), { status: 200, body: { used: 0 } })
  t.equal(await nextEnd(), 'closed')
})

t.test('it ends by whichever clock is first, and nobody has to ask for that', async (t) => {
  t.match(await lift(), { status: 200 })
  t.match(await write(), { status: 200 })
  await move({ wall: -HOUR_MS })
  const [{ seconds_left }] = (await statusOf(world)) as [{ seconds_left: number }]
  t.ok(seconds_left > 0 && seconds_left <= 60, `a clock set back adds nothing: ${seconds_left}`)
  await move({ monotonic: 60_000 })
  t.match(await write(), { status: 200 }, 'not before its time')
  await move({ monotonic: 70_000 })
  t.equal(await nextEnd(), 'expired')
  t.match(await write(), denied)
  t.match(await lift(), { status: 200 })
  t.match(await write(), { status: 200 })
  await move({ wall: 60_000 - HOUR_MS })
  t.match(await write(), denied, 'as after a sleep, and before any timer had its turn')
  t.equal(await nextEnd(), 'expired')
  await move({ wall: 0 })
})

t.test('a login, a revocation and a changed rule end it', async (t) => {
  await lift()
  await world.login({ grant: 'work' })
  t.match(await write(), denied, 'of a later login nobody said anything')
  t.equal(await nextEnd(), 'grant_ended')
  t.match(await lift(), { status: 200 })
  t.match(await write(), { status: 200 })
  writePolicy(world, rules(prompt.path, ''), KEPT)
  t.match(await afterNextLook(write), denied, 'the mark was taken away')
  t.equal(await nextEnd(), 'policy_changed')
  writePolicy(world, rules(prompt.path), KEPT)
  t.match(await afterNextLook(write), denied, 'and does not come back with it')
  await lift()
  t.match(await write(), { status: 200 })
  await world.ask('admin', 'POST', '/v1/grants/work/revoke')
  t.match(await write(), denied)
  t.equal(await nextEnd(), 'grant_ended')
  await world.login({ grant: 'work' })
  t.match(await write(), denied)
})

t.test('a lock ends it, and takes a question about it off the screen', async (t) => {
  t.match(await lift(), { status: 200 })
  t.match(await write(), { status: 200 })
  await world.ask('admin', 'POST', '/v1/vault/lock')
  t.match(await write(), { status: 423 })
  t.equal(await nextEnd(), 'locked')
  t.match(await unlock(), { status: 200 })
  t.match(await write(), denied)
  const [questions, started] = [prompt.asked(), recordsOf(world, 'break_glass.started').length]
  const again = world.ask('admin', 'POST', '/v1/break-glass', { body: asked })
  await prompt.whenAsked(questions + 1)
  await world.ask('admin', 'POST', '/v1/vault/lock')
  t.match(await again, { status: 423 })
  while (prompt.running().length > 0) await sleep(10)
  await unlock()
  t.match(await write(), denied)
  t.equal(recordsOf(world, 'break_glass.started').length, started)
})

t.test('a stop and a crash end it, and the login they end it for goes on', async (t) => {
  t.match(await lift(), { status: 200 })
  await world.restart()
  t.equal(await nextEnd(), 'stopped')
  await unlock()
  t.match(await write(), denied)
  t.match(await lift(), { status: 200 })
  t.match(await write(), { status: 200 })
  await world.kill()
  await world.restart()
  await unlock()
  t.equal(await statusOf(world), undefined)
  t.match(await write(), denied)
  t.match(await world.token({ grant: 'work', scope: 'repo:read' }), { status: 200 })
})
