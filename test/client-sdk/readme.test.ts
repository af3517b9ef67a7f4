import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { answer, rawServer, socketDirectory, tokenAnswer } from '../fakes/sdk-socket.ts'

const readme = readFileSync(new URL('../../../client-sdk/README.md', import.meta.url), 'utf8')
const root = fileURLToPath(new URL('../../../', import.meta.url))
const [token = '', fetching = '', failing = '', ...more] = Array.from(
  readme.matchAll(/```js\n(.*?)```/gs),
  ([, code]) => code,
)

/** Runs an example as a program of its own, with the package as its user has it. */
async function run(code: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      output += bytes
    })
  const [status] = await once(child, 'close')
  return { status, output }
}

/** A daemon that gives `at-1` first and `at-2` for a refused token. */
const giving = (t: Parameters<typeof rawServer>[0]) =>
  rawServer(t, (socket) => {
    socket.on('data', (bytes) => {
      const isReport = String(bytes).includes('"rejected"')
      socket.write(answer(tokenAnswer(isReport ? 'at-2' : 'at-1')))
    })
  })

t.test('there are three examples', async (t) => {
  t.same(more, [])
  t.not(failing, '')
})

t.test('the examples compile as strict TypeScript', async (t) => {
  const place = socketDirectory(t)
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  const examples = { token, fetching, failing }
  for (const [name, code] of Object.entries(examples))
    writeFileSync(join(place, `${name}.mts`), code)
  const files = Object.keys(examples).map((name) => `${name}.mts`)
  const flags = '--noEmit --strict --module nodenext --target es2022 --types node --skipLibCheck'
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const output = await new Promise<string>((resolve) => {
    const argv = [tsc, ...flags.split(' '), ...files]
    execFile(process.execPath, argv, { cwd: place }, (_, stdout) => resolve(stdout))
  })
  t.equal(output, '')
})

t.test('the first example prints what the token is good for', async (t) => {
  const { path } = await giving(t)
  t.same(await run(token, { GRANTD_SOCK: path }), {
    status: 0,
    output: 'Bearer token for "repo:read", 300 s left\n',
  })
})

t.test('the second example gets past a refused token', async (t) => {
  const { path } = await giving(t)
  const api = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer at-2') response.statusCode = 401
    response.end(request.url)
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    api.close()
    api.closeAllConnections()
  })
  const address = api.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const env = { GRANTD_SOCK: path, API_URL: `http://127.0.0.1:${port}` }
  t.same(await run(fetching, env), { status: 0, output: '200 /repos\n' })
})

const problem = (code: string, status: number, extras: object = {}) =>
  answer({ code, detail: 'no', ...extras }, status)

const outcomes: readonly (readonly [string, string, number, RegExp])[] = [
  ['a token', answer(tokenAnswer('at')), 0, /^true\n$/],
  ['login needed', problem('login_required', 401), 0, /^log in first: grantd login work\n$/],
  ['busy', problem('overloaded', 503, { retry_after: 3 }), 0, /^try again in 3 s\n$/],
  ['no', problem('access_denied', 403), 1, /GrantdError: no/],
]

for (const [name, bytes, status, output] of outcomes)
  t.test(`the third example with this answer: ${name}`, async (t) => {
    const { path } = await rawServer(t, (socket) => {
      socket.on('data', () => socket.write(bytes))
    })
    t.match(await run(failing, { GRANTD_SOCK: path }), { status, output })
  })

t.test('the third example without a daemon says how to start it', async (t) => {
  const path = join(socketDirectory(t), 'broker.sock')
  t.match(await run(failing, { GRANTD_SOCK: path }), {
    status: 0,
    output: /; start it: grantd serve/,
  })
})
