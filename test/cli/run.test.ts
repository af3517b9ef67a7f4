import t from 'tap'
import { run } from '../../cli/run.ts'
import { TOKEN } from '../fakes/cli-answers.ts'
import { ok } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

async function grantd(...argv: string[]) {
  const world = new FakeWorld()
  const exit = await run(world, argv)
  return { exit, stdout: world.stdout.text, stderr: world.stderr.text }
}

t.test('--version', async (t) => {
  for (const flag of ['--version', '-V']) {
    const { exit, stdout, stderr } = await grantd(flag)
    t.match(stdout, /^grantd \d+\.\d+\.\d+\n$/)
    t.same([exit, stderr], [0, ''])
  }
})

t.test('grantd help is --help, of all or of one command', async (t) => {
  t.same(await grantd('help'), await grantd('--help'))
  t.same(await grantd('help', '--help'), await grantd('--help'))
  t.same(await grantd('help', 'login'), await grantd('login', '--help'))
  t.match(await grantd('help', 'frobnicate'), { exit: 2, stdout: '', stderr: /unknown command/ })
})

t.test('--help names every command', async (t) => {
  for (const flag of ['--help', '-h']) {
    const { exit, stdout, stderr } = await grantd(flag)
    t.match(stdout, /^usage: grantd COMMAND/)
    for (const verb of ['serve', 'login', 'token', 'list', 'show', 'status', 'revoke', 'doctor']) {
      t.match(stdout, new RegExp(`^ {2}${verb} +\\S`, 'm'))
    }
    t.same([exit, stderr], [0, ''])
  }
})

t.test('--help of a command wins over mistakes beside it', async (t) => {
  for (const args of [['--help'], ['--nonsense', '-h'], ['x', '--help', '--', 'y']]) {
    const { exit, stdout, stderr } = await grantd('token', ...args)
    t.match(stdout, /^usage: grantd token GRANT/)
    t.same([exit, stderr], [0, ''])
  }
  t.equal((await grantd('token', '--', '--help')).exit, 2)
})

t.test('no command and an unknown one are mistakes', async (t) => {
  t.same(await grantd(), {
    exit: 2,
    stdout: '',
    stderr: 'grantd: which command? see: grantd --help\nusage: grantd COMMAND [OPTION]...\n',
  })
  for (const verb of ['frobnicate', 'constructor', '__proto__', '']) {
    const { exit, stdout, stderr } = await grantd(verb)
    t.same([exit, stdout], [2, ''])
    t.match(stderr, `grantd: unknown command "${verb}"\nhint: all commands: grantd --help\n`)
  }
})

t.test('with --json even a wrong command line is a problem object', async (t) => {
  const { exit, stderr } = await grantd('token', '--json', '--nonsense')
  t.equal(exit, 2)
  t.match(JSON.parse(stderr), { code: 'invalid_request', detail: 'unknown option "--nonsense"' })
  const alone = await grantd('--json')
  t.same([alone.exit, alone.stdout], [2, ''])
  t.match(JSON.parse(alone.stderr), { code: 'invalid_request', detail: /^which command\?/ })
  t.match(
    (await grantd('token', '--', '--json', 'x')).stderr,
    /^grantd: /,
    'an argument, no option',
  )
})

t.test('a command runs, and without a daemon says what to do', async (t) => {
  const issued = { 'broker POST /v1/token': () => ok(TOKEN) }
  t.match(await session(t, ['token', 'work'], issued), { exit: 0, stdout: 'at-1\n' })
  const { exit, stdout, stderr } = await grantd('token', 'work')
  t.same([exit, stdout], [6, ''])
  t.match(stderr, /^hint: start .*grantd serve/m)
})
