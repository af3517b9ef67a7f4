import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GrantdConnection } from '@grantd/client'
import t, { type Test } from 'tap'
import {
  assuanScript,
  type PromptFixture,
  promptProgram,
  UNTIL_ANSWERED,
} from '../fakes/prompt-programs.ts'
import { formatRequest } from '../fakes/serve-rooms.ts'
import { startWorld, type World } from './world.ts'

// seven daemons, a thousand requests and a program that hangs
t.setTimeout(180_000)

const CANCELLED = 'ERR 83886179 Operation cancelled'

/** A person is asked about the grant `work`, and about `home` nobody is. */
function config(pinentry: string, consent = '"once"'): string {
  return `[vault]
sealing_key = "memory"
[consent]
pinentry = "${pinentry}"
[[rule]]
name = "ask"
effect = "allow"
grant = "work"
consent = ${consent}
[[rule]]
name = "free"
effect = "allow"
grant = "home"
`
}

async function scene(
  t: Test,
  script = assuanScript(UNTIL_ANSWERED),
): Promise<{ readonly world: World; readonly prompt: PromptFixture }> {
  const prompt = promptProgram(t, script)
  const world = await startWorld({ config: config(prompt.path) })
  t.teardown(() => world.close())
  await world.login({ grant: 'work' })
  await world.login({ grant: 'home' })
  return { world, prompt }
}

async function counters(world: World): Promise<Readonly<Record<string, number>>> {
  const status = await world.ask('admin', 'GET', '/v1/status')
  return status.body?.['counters'] as Readonly<Record<string, number>>
}

function consentEvents(world: World): readonly string[] {
  return [
    ...world.auditLog().matchAll(/"event":"(consent\.\w+)".*?(?:"reason":"([^"]+)")?[,}]/g),
  ].map(([, event = '']) => event)
}

t.test('a thousand requests wait for one answer, and everybody else is served', async (t) => {
  const { world, prompt } = await scene(t)
  // as many connections as a client has
  const lanes = Array.from(
    { length: 4 },
    () => new GrantdConnection({ name: 'many', version: '1', socketPath: world.sockets.broker }),
  )
  t.teardown(() => {
    for (const lane of lanes) lane.close()
  })
  const call = {
    method: 'POST',
    path: '/v1/token',
    body: { grant: 'work', purpose: 'x "y"' },
  } as const
  const many = lanes.flatMap((lane) => Array.from({ length: 250 }, () => lane.request(call)))
  await prompt.whenAsked()
  while (((await counters(world))['open_requests'] ?? 0) < 1_000) await sleep(10)
  t.match(await world.token({ grant: 'home' }), { status: 200 })
  const { status, stdout } = await world.run(['token', 'home'])
  t.equal(status, 0)
  t.ok(stdout.length > 100)
  t.match(await counters(world), { pending_prompts: 1, prompts_refused: 0 })
  const desc = prompt.heard().find((line) => line.startsWith('SETDESC ')) ?? ''
  t.match(desc, `(${process.pid})`)
  t.match(desc, 'Grant:       "work"')
  t.match(desc, 'Purpose:     "x \\"y\\"", it says')
  prompt.answer('OK')
  for (const answer of await Promise.all(many)) t.match(answer, { access_token: /./ })
  t.equal(prompt.asked(), 1)
  t.match(await world.token({ grant: 'work' }), { status: 200 }, 'and it counts for the process')
  t.equal(prompt.asked(), 1)
  t.same(consentEvents(world), ['consent.asked', 'consent.given'])
})

t.test('a no reaches everybody who waits, and counts for a while', async (t) => {
  const { world, prompt } = await scene(t)
  const waiting = Array.from({ length: 10 }, () => world.token({ grant: 'work' }))
  await prompt.whenAsked()
  prompt.answer(CANCELLED)
  for (const answer of await Promise.all(waiting))
    t.match(answer, { status: 403, body: { code: 'consent_denied' } })
  t.match(await world.token({ grant: 'work' }), { status: 403, body: { code: 'consent_denied' } })
  t.equal(prompt.asked(), 1)
  t.match(await counters(world), { pending_prompts: 0, prompts_refused: 1 })
  t.match(world.auditLog(), /"event":"consent\.denied".*"reason":"denied"/)
})

t.test('a prompt that is broken in any way gives nothing, and holds up nobody', async (t) => {
  const { world, prompt } = await scene(t)
  const programs: readonly [what: string, script: string][] = [
    ['crashes at once', 'kill -9 $$'],
    ['ends at once', 'exit 0'],
    ['prints garbage', 'head -c 5000 /dev/urandom; sleep 60'],
    ['prints megabytes', 'head -c 50000000 /dev/zero; sleep 60'],
    ['prints lines for ever', 'yes "# x"'],
    ['reads nothing', 'exec 0<&-; echo OK; sleep 60'],
    ['says OK before it is asked', "printf 'OK\\nOK\\nOK\\nOK\\nOK\\nOK\\nOK\\nOK\\n'; sleep 60"],
    ['says OK to everything', 'echo OK; while read -r line; do echo OK; done'],
    ['says OK for ever', 'yes OK'],
    ['cannot show anything', assuanScript("echo 'ERR 83918950 Inappropriate ioctl'")],
    ['hangs', 'sleep 1000'],
  ]
  for (const [what, script] of programs) {
    writeFileSync(prompt.path, `#!/bin/sh\necho $$ >> "$0.pids"\n${script}\n`)
    const asking = world.token({ grant: 'work' })
    t.match(await world.token({ grant: 'home' }), { status: 200 }, what)
    t.match(await asking, { status: 403, body: { code: 'consent_unavailable' } }, what)
    while (prompt.running().length > 0) await sleep(10)
  }
  writeFileSync(prompt.path, '')
  t.match(await world.token({ grant: 'work' }), { body: { code: 'consent_unavailable' } }, 'empty')
  t.notMatch(world.auditLog(), 'consent.given')
})

t.test('a question that nobody waits for any more leaves the screen', async (t) => {
  const { world, prompt } = await scene(t)
  const caller = connect(world.sockets.broker)
  caller.on('error', () => undefined)
  caller.write(formatRequest('POST', '/v1/token', { grant: 'work' }))
  await prompt.whenAsked()
  t.equal(prompt.running().length, 1)
  caller.destroy()
  while (prompt.running().length > 0) await sleep(10)
  while ((await counters(world))['pending_prompts'] !== 0) await sleep(10)
  t.match(world.auditLog(), /"event":"consent\.denied".*"reason":"abandoned"/)
  const again = world.token({ grant: 'work' })
  await prompt.whenAsked(2)
  prompt.answer('OK')
  t.match(await again, { status: 200 }, 'that was no answer')
})

t.test('a revocation, a new login and another rule take back what was allowed', async (t) => {
  const { world, prompt } = await scene(t)
  const ask = async (times: number, reply: string): Promise<unknown> => {
    const answer = world.token({ grant: 'work' })
    await prompt.whenAsked(times)
    prompt.answer(reply)
    return await answer
  }
  t.match(await ask(1, 'OK'), { status: 200 })
  await world.login({ grant: 'work' })
  t.match(await ask(2, 'OK'), { status: 200 }, 'asked again after a login')
  writeFileSync(join(world.directory, 'config.toml'), config(prompt.path, '"15m"'))
  await sleep(1_100)
  t.match(await ask(3, 'OK'), { status: 200 }, 'asked again under another rule')
  t.ok(prompt.heard().includes('SETOK Allow for 15 minutes'))
  t.match(await world.token({ grant: 'work' }), { status: 200 })
  t.equal(prompt.asked(), 3)
  writeFileSync(join(world.directory, 'config.toml'), config(prompt.path, '"always"'))
  await sleep(1_100)
  const waiting = world.token({ grant: 'work' })
  await prompt.whenAsked(4)
  await world.ask('admin', 'POST', '/v1/grants/work/revoke')
  t.match(await waiting, { status: 401, body: { code: 'login_required' } })
  while (prompt.running().length > 0) await sleep(10)
})

t.test('a daemon that stops waits for no person, and leaves no prompt behind', async (t) => {
  const { world, prompt } = await scene(t)
  const waiting = world.token({ grant: 'work' }).catch(() => undefined)
  await prompt.whenAsked()
  const started = performance.now()
  await world.restart()
  t.ok(performance.now() - started < 10_000)
  t.same(prompt.running(), [])
  const answer = await waiting
  t.not(answer?.status, 200)
})

t.test('SSH_ASKPASS is asked where no pinentry can be, and only on a desktop', async (t) => {
  const askpass = promptProgram(
    t,
    '[ "$SSH_ASKPASS_PROMPT" = confirm ] && echo CONFIRM >> "$0.heard"',
  )
  for (const [environment, status] of [
    [{ SSH_ASKPASS: askpass.path }, 403],
    [{ SSH_ASKPASS: askpass.path, DISPLAY: ':9' }, 200],
  ] as const) {
    const world = await startWorld({ config: config('/nowhere/pinentry'), environment })
    t.teardown(() => world.close())
    await world.login({ grant: 'work' })
    t.match(await world.token({ grant: 'work' }), { status })
    t.equal(askpass.asked(), status === 200 ? 1 : 0)
  }
})
