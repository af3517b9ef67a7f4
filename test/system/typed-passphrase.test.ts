import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { COMMAND } from '../integration/command.ts'
import { PASSPHRASE, startPassphraseWorld, vaultOf } from '../integration/vault-commands.ts'
import type { World } from '../integration/world.ts'
import { needs } from '../needs.ts'

/** A terminal of its own, in which a shell runs a command and then tells how the terminal is. */
const TERMINAL = needs('script', 'stty')

/** Types `keys` once the question stands there; gives all that was to be seen. */
async function atTerminal(
  t: Test,
  world: World,
  args: string,
  questions: readonly (readonly [question: RegExp, keys: string])[],
): Promise<string> {
  const line = `"${process.execPath}" "${COMMAND}" ${args}; echo "status $?"; stty -a`
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { ...world.environment, TERM: 'xterm', SHELL: '/bin/sh' },
    cwd: world.directory,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const left = [...questions]
  let [seen, since] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text
    since += text
    const [next] = left
    if (next === undefined || !next[0].test(since)) return
    left.shift()
    since = ''
    child.stdin.write(next[1])
  })
  await once(child, 'close')
  t.same(left, [], 'every question was asked')
  return seen
}

t.test('a passphrase typed at a terminal is not to be seen', TERMINAL, async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  await world.run(['lock'])
  const seen = await atTerminal(t, world, 'unlock', [[/passphrase: $/, `${PASSPHRASE}\r`]])
  t.match(seen, /passphrase: \r\nunlocked, 0 grants\r\nstatus 0/)
  t.notMatch(seen, /Correct/)
  t.match(seen, /[ \n]echo[ ;]/, 'what is typed next is shown again')
  t.match(seen, /[ \n]icanon[ ;]/)
  const next = 'a new passphrase of mine\r'
  const changed = await atTerminal(t, world, 'vault rekey', [
    [/new passphrase: $/, next],
    [/the same again: $/, next],
  ])
  t.match(changed, /status 0/)
  t.notMatch(changed, /of mine/)
})

t.test('Ctrl-C gives the terminal back', TERMINAL, async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  await world.run(['lock'])
  const seen = await atTerminal(t, world, 'unlock', [[/passphrase: $/, 'half of it\x03']])
  t.match(seen, /status 130/)
  t.match(seen, /[ \n]echo[ ;]/)
  t.notMatch(seen, /half/)
  t.match(await vaultOf(world), { state: 'locked' })
})
