import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  isolatedKeychain,
  type Keychain,
  type KeychainReply,
  type KeychainRequest,
} from '../../../daemon/platform/keychain.ts'

const GET: KeychainRequest = { op: 'get', service: 'grantd', account: 'test' }
const SECRET = Buffer.from([0, 1, 10, 13, 255])
const PATIENCE_MS = 20_000

/** A keychain whose child is the given program text. */
function answeredBy(t: Test, program: string, environment: NodeJS.ProcessEnv = {}): Keychain {
  const path = join(t.testdir({ 'child.mjs': program }), 'child.mjs')
  return isolatedKeychain(environment, [process.execPath, path])
}

const answers: Record<string, [program: string, reply: KeychainReply]> = {
  'a value is bytes, whatever they are': [
    `process.stdout.write(Buffer.concat([Buffer.from('{"kind":"value"}\\n'), Buffer.from([0, 1, 10, 13, 255])]))`,
    { kind: 'value', value: SECRET },
  ],
  'nothing found': [`console.log('{"kind":"none"}')`, { kind: 'none' }],
  done: [`console.log('{"kind":"done"}')`, { kind: 'done' }],
  'a reason is cut to one short line': [
    `console.log(JSON.stringify({ kind: 'failed', reason: 'x'.repeat(300) + '\\nmore' }))`,
    { kind: 'unavailable', reason: 'x'.repeat(200) },
  ],
  'a child that ends without reading or answering': [
    `process.exit(1)`,
    { kind: 'unavailable', reason: 'the helper gave no answer' },
  ],
  'an answer of no known kind': [
    `console.log('{"kind":"other"}')`,
    { kind: 'unavailable', reason: 'the helper gave no answer' },
  ],
  'a child that talks without end': [
    `process.stdout.write('x'.repeat(1_000_000))`,
    { kind: 'unavailable', reason: 'the helper gave no answer' },
  ],
  'a child that crashes': [
    `process.kill(process.pid, 'SIGSEGV')`,
    { kind: 'crashed', signal: 'SIGSEGV' },
  ],
}
for (const [name, [program, reply]] of Object.entries(answers)) {
  t.test(name, async (t) => {
    t.same(await answeredBy(t, program)(GET, PATIENCE_MS), reply)
  })
}

t.test('a child that hangs is killed at the deadline', async (t) => {
  t.same(await answeredBy(t, 'setInterval(() => {}, 1000)')(GET, 50), { kind: 'timeout' })
})

t.test('a child that hangs is killed when nobody waits any more', async (t) => {
  const keychain = answeredBy(t, 'setInterval(() => {}, 1000)')
  const gone = new AbortController()
  // longer than a test may take
  const answer = keychain(GET, 600_000, gone.signal)
  gone.abort()
  t.same(await answer, { kind: 'timeout' })
  t.same(await keychain(GET, PATIENCE_MS, gone.signal), { kind: 'timeout' }, 'and none is started')
  const set = { op: 'set', service: 'grantd', account: 'test', secret: SECRET } as const
  const answered = answeredBy(t, `console.log('{"kind":"done"}')`)
  t.same(await answered(set, PATIENCE_MS, new AbortController().signal), { kind: 'done' })
})

t.test('a program that cannot be started is no keychain', async (t) => {
  const path = join(t.testdir(), 'none')
  t.same(await isolatedKeychain({}, [path])(GET, PATIENCE_MS), {
    kind: 'unavailable',
    reason: `spawn ${path} ENOENT`,
  })
})

t.test('a secret is told on standard input only, and our environment is not', async (t) => {
  const seen = join(t.testdir(), 'seen.json')
  const program = `
    import { writeFileSync } from 'node:fs'
    const input = []
    for await (const chunk of process.stdin) input.push(chunk)
    const stdin = Buffer.concat(input).toString('latin1')
    const { env, argv, execArgv } = process
    writeFileSync(process.env.HOME, JSON.stringify({ stdin, env, argv, execArgv }))
    console.log('{"kind":"done"}')`
  const keychain = answeredBy(t, program, {
    HOME: seen,
    LANG: 'C',
    NODE_OPTIONS: '--no-warnings',
    AWS_SECRET_ACCESS_KEY: 'x',
  })
  const secret = Buffer.from('canary')
  t.same(await keychain({ ...GET, op: 'set', secret }, 5000), { kind: 'done' })
  t.same(secret.toString(), 'canary', 'the secret stays the caller’s')
  const { stdin, env, argv, execArgv } = JSON.parse(readFileSync(seen, 'utf8'))
  const { HOME, LANG, NODE_OPTIONS, ...rest } = env
  t.same([HOME, LANG], [seen, 'C'])
  t.notMatch(NODE_OPTIONS, /no-warnings/)
  // The test runner puts its own names into the environment of every child.
  t.same(
    Object.keys(rest).filter((name) => !/^_?TAP|^NODE_V8_COVERAGE$/.test(name)),
    [],
  )
  t.notMatch(JSON.stringify([env, argv, execArgv]), /canary/)
  const [head, bytes] = stdin.split('\n')
  t.same(JSON.parse(head), { op: 'set', service: 'grantd', account: 'test', dieAfterMs: 6000 })
  t.equal(bytes, 'canary')
})

t.test('without a session bus the real child answers too', async (t) => {
  const reply = await isolatedKeychain({ XDG_RUNTIME_DIR: t.testdir() })(GET, PATIENCE_MS)
  t.match(reply, process.platform === 'linux' ? { kind: 'unavailable', reason: /./ } : {})
})
