import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { GRANT, STATUS } from '../fakes/cli-answers.ts'
import { CliDaemon, ok } from '../fakes/cli-daemon.ts'
import { COMMAND, startProgram } from '../integration/command.ts'
import { needsAll, needsRoot } from '../needs.ts'
import { needsNamespaces } from './namespaces.ts'
import { inOwnMounts } from './own-mounts.ts'

/** Of this machine alone, and nobody's. */
const NAME_SERVER = '127.0.0.99'

/** As many as Node looks up at once, and more. */
const ISSUERS = ['a', 'b', 'c', 'd', 'e'].map((name) => `https://${name}.as.example`)

/** For the three seconds that doctor waits, on a busy machine; a lookup takes fifteen. */
const PATIENCE_MS = 9_000

/** Every name is looked up at a server that takes the question and says nothing. */
async function silentNameServer(directory: string) {
  for (const [file, text] of [
    ['resolv.conf', `nameserver ${NAME_SERVER}\noptions timeout:5 attempts:3\n`],
    ['nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'],
  ] as const) {
    writeFileSync(join(directory, file), text)
    execFileSync('mount', ['--bind', join(directory, file), join('/etc', file)])
  }
  const server = createSocket('udp4').bind(53, NAME_SERVER)
  await once(server, 'listening')
  return server
}

function promises(): void {
  t.test('a name server that is silent holds up neither answer nor end', async (t) => {
    const server = await silentNameServer(t.testdir())
    t.teardown(() => server.close())
    const daemon = await CliDaemon.start({
      'broker GET /v1/health': () => ok(STATUS),
      'admin GET /v1/status': () => ok(STATUS),
      'admin GET /v1/grants': () =>
        ok({ grants: ISSUERS.map((issuer) => ({ ...GRANT, issuer })), replaced: [] }),
    })
    t.teardown(() => daemon.stop())
    const plain = spawn(process.execPath, [
      '-e',
      'require("node:dns").lookup("a.as.example", () => {}); process.nextTick(process.exit)',
    ])
    t.teardown(() => plain.kill('SIGKILL'))
    const startedAt = performance.now()
    const { PATH } = process.env
    const environment = { PATH, GRANTD_SOCK: daemon.socketPath('broker') }
    const args = [COMMAND, 'doctor', '--json']
    const run = await startProgram(process.execPath, args, { environment, directory: '/' }).ended
    t.ok(performance.now() - startedAt < PATIENCE_MS)
    t.equal(plain.exitCode, null, 'any other program waits, even where it says that it ends')
    const found = JSON.parse(run.stdout) as readonly { readonly what: string }[]
    t.match(
      found.slice(-ISSUERS.length),
      ISSUERS.map((issuer) => ({ level: 'warn', what: `clock of ${issuer}: no answer in time` })),
    )
  })
}

inOwnMounts(
  'doctor waits for no name server',
  fileURLToPath(import.meta.url),
  needsAll(needsRoot(), needsNamespaces('mount')),
  promises,
)
