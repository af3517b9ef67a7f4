import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { COMMAND } from '../integration/command.ts'
import { startWorld, type World } from '../integration/world.ts'
import { needs } from '../needs.ts'

/** A daemon that asks by one of the real programs about every token. */
async function asking(t: Test, pinentry: string, consent: string): Promise<World> {
  const world = await startWorld({
    config: `[vault]
sealing_key = "memory"
[consent]
pinentry = "/usr/bin/${pinentry}"
[[rule]]
name = "ask"
effect = "allow"
class = "local"
consent = ${consent}
`,
  })
  t.teardown(() => world.close())
  await world.login()
  return world
}

/** A shell on a terminal of its own, to type into. */
function terminal(t: Test, world: World, line: string) {
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { ...world.environment, TERM: 'xterm', SHELL: '/bin/sh' },
    cwd: world.directory,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let seen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text
  })
  return {
    child,
    closed: once(child, 'close'),
    seen: () => seen,
    async type(question: RegExp, keys: string) {
      while (!question.test(seen)) await sleep(20)
      // drawn, and then read from the keyboard
      await sleep(300)
      seen = ''
      child.stdin.write(keys)
    },
  }
}

const TOKEN = `stty size >/dev/null; "${process.execPath}" "${COMMAND}" token work; echo "status $?"; stty -a`

/** What stty says of a terminal as a shell leaves it. */
const USUAL = [/[ \n]echo[ ;]/, /[ \n]icanon[ ;]/, /[ \n]isig[ ;]/]

const CASES: readonly {
  readonly program: 'pinentry-curses' | 'pinentry-tty'
  readonly consent: string
  readonly keys: readonly (readonly [question: RegExp, keys: string])[]
  readonly status: number
  readonly said: string
}[] = [
  {
    program: 'pinentry-curses',
    consent: '"15m"',
    keys: [[/Allow once/, '\r']],
    status: 0,
    said: 'once',
  },
  {
    program: 'pinentry-curses',
    consent: '"15m"',
    keys: [
      [/Allow once/, '\t\r'],
      [/Allow for 15 minutes>/, '\r'],
    ],
    status: 0,
    said: '15m',
  },
  {
    program: 'pinentry-curses',
    consent: '"15m"',
    keys: [[/Allow once/, '\t\t\r']],
    status: 4,
    said: 'denied',
  },
  {
    program: 'pinentry-tty',
    consent: '"always"',
    keys: [[/\]\? $/, 'a']],
    status: 0,
    said: 'once',
  },
  {
    program: 'pinentry-tty',
    consent: '"once"',
    keys: [[/\]\? $/, 'd']],
    status: 4,
    said: 'denied',
  },
]

t.test(
  'a person is asked on the terminal of the caller, and gets it back as it was',
  needs('script', 'stty', 'pinentry-curses', 'pinentry-tty'),
  async (t) => {
    for (const { program, consent, keys, status, said } of CASES) {
      const world = await asking(t, program, consent)
      const screen = terminal(t, world, TOKEN)
      for (const [question, answer] of keys) await screen.type(question, answer)
      await screen.closed
      const what = `${program} ${consent} ${said}`
      t.match(screen.seen(), `status ${status}`, what)
      for (const flag of USUAL) t.match(screen.seen(), flag, what)
      t.match(world.auditLog(), new RegExp(`"event":"consent\\.\\w+".*"reason":"${said}"`), what)
    }
  },
)

t.test(
  'a question that is taken away gives the terminal back',
  needs('script', 'stty', 'pinentry-curses', 'pinentry-tty'),
  async (t) => {
    for (const program of ['pinentry-curses', 'pinentry-tty']) {
      const world = await asking(t, program, '"always"')
      const screen = terminal(t, world, TOKEN)
      while (!/llow once/.test(screen.seen())) await sleep(20)
      await world.ask('admin', 'POST', '/v1/grants/work/revoke')
      await screen.closed
      t.match(screen.seen(), 'status 3', program)
      for (const flag of USUAL) t.match(screen.seen(), flag, program)
    }
  },
)

t.test('without a terminal and a desktop nobody is asked', needs('pinentry-curses'), async (t) => {
  const world = await asking(t, 'pinentry-curses', '"always"')
  const child = spawn(process.execPath, [COMMAND, 'token', 'work'], {
    env: world.environment,
    // a session of its own has no terminal
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [status] = await once(child, 'close')
  t.equal(status, 4)
  t.match(said, /nobody can be asked/)
})
