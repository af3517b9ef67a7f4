import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ERRORS, EXIT_UNREACHABLE } from '@grantd/client'
import t from 'tap'
import { type Run, startProgram } from '../integration/command.ts'
import { startWorld, type World } from '../integration/world.ts'
import { needs } from '../needs.ts'

const HELPER = join(import.meta.dirname, '..', '..', '..', 'integrations', 'grantd-token')

function runHelper(
  world: World,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const environment = { ...world.environment, ...more }
  return startProgram('sh', [HELPER, ...args], { environment, directory: world.directory }).ended
}

t.test('sh and curl are a whole client', needs('curl', 'sed', 'ls'), async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()

  await t.test('a token and a newline, and nothing else', async (t) => {
    for (const args of [
      ['work'],
      ['work', 'repo:read'],
      ['work', 'repo:read', 'https://api-a.example'],
    ])
      t.match(await runHelper(world, args), {
        status: 0,
        stdout: /^[\w-]+\.[\w-]+\.[\w-]+\n$/,
        stderr: '',
      })
  })
  await t.test('the exit status of the command, the daemon’s sentence and its hint', async (t) => {
    const cases: readonly (readonly [args: readonly string[], status: number, stderr: RegExp])[] = [
      [['nobody'], ERRORS.unknown_grant.exit, /no grant "nobody"\n/],
      [['work', 'repo:delete'], ERRORS.invalid_scope.exit, /"repo:delete" was not granted/],
      [['.work'], ERRORS.invalid_request.exit, /grant/],
      [[], 2, /usage/],
      [['work', ''], 2, /empty/],
      [['work', '"}{'], 2, /characters/],
      [['wörk'], 2, /characters/],
    ]
    for (const [args, status, stderr] of cases)
      t.match(await runHelper(world, args), { status, stdout: '', stderr }, args.join(' '))
  })
  await t.test('no request where somebody else could answer', async (t) => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'grantd-'))
    t.teardown(() => rmSync(elsewhere, { recursive: true }))
    symlinkSync(world.sockets.broker, join(elsewhere, 'broker.sock'))
    const refused = { status: EXIT_UNREACHABLE, stdout: '' }
    t.match(
      await runHelper(world, ['work'], { GRANTD_SOCK: join(elsewhere, 'broker.sock') }),
      refused,
    )
    t.match(await runHelper(world, ['work'], { GRANTD_SOCK: 'broker.sock' }), refused)
    chmodSync(dirname(world.sockets.broker), 0o770)
    t.match(await runHelper(world, ['work']), refused)
    chmodSync(dirname(world.sockets.broker), 0o700)
    t.match(await runHelper(world, ['work']), { status: 0 })
  })
  await t.test('the socket is found where every client looks', async (t) => {
    const unset = { GRANTD_SOCK: undefined }
    t.match(await runHelper(world, ['work'], unset), { status: 0 }, 'in XDG_RUNTIME_DIR')
    const nowhere = { ...unset, XDG_RUNTIME_DIR: '/not/there' }
    t.match(await runHelper(world, ['work'], nowhere), {
      status: 6,
      stderr: /\/not\/there\/grantd\/broker\.sock/,
    })
  })
  await world.kill()
  t.match(await runHelper(world, ['work']), { status: EXIT_UNREACHABLE, stderr: /no answer/ })
})
