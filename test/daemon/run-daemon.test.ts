import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { askSocket } from '../fakes/ask-socket.ts'
import { auditText } from '../fakes/audit-text.ts'
import { shortDirectory } from '../fakes/short-directory.ts'
import { startProcess } from '../fakes/start-process.ts'
import { needs } from '../needs.ts'

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`${signal} ends the daemon with 0, and its sockets are gone`, async (t) => {
    const daemon = startProcess(t, shortDirectory(t))
    await daemon.listening
    t.match((await askSocket(daemon.sockets.broker, 'GET', '/v1/health')).json, {
      status: 'ok',
      version: /^\d+\.\d+\.\d+/,
    })
    daemon.child.kill(signal)
    t.equal(await daemon.ended, 0)
    for (const path of Object.values(daemon.sockets)) t.notOk(existsSync(path))
    t.match(daemon.errors(), new RegExp(`"signal":"${signal}"`))
  })
}

t.test('the end is on record, with what brought it about', async (t) => {
  const daemon = startProcess(t, shortDirectory(t))
  await daemon.listening
  daemon.child.kill('SIGTERM')
  t.equal(await daemon.ended, 0)
  const text = auditText(daemon.options.stateDirectory ?? '')
  t.match(text, /"event":"daemon.stopped","reason":"SIGTERM","seq":[^{}]*}\n$/)
})

t.test('what keeps it from starting is thrown, a sentence and a hint', async (t) => {
  const directory = shortDirectory(t)
  mkdirSync(join(directory, 'run'), { mode: 0o700 })
  writeFileSync(join(directory, 'run', 'admin.sock'), 'a file')
  const daemon = startProcess(t, directory)
  t.equal(await daemon.ended, 1)
  t.match(
    daemon.errors(),
    /^StartupError: ".*admin\.sock" is not a socket of ours\nhint: look at it/m,
  )
  t.notMatch(daemon.errors(), /at .*:\d+:\d+/)
})

t.test('an audit log that cannot be had keeps it from starting, in a sentence', async (t) => {
  const directory = shortDirectory(t)
  mkdirSync(join(directory, 'state'), { mode: 0o700 })
  writeFileSync(join(directory, 'state', 'audit'), 'a file')
  const daemon = startProcess(t, directory)
  t.equal(await daemon.ended, 1)
  t.match(
    daemon.errors(),
    /^GrantdError: the audit log cannot be used: ".*audit" is not a directory$/m,
  )
})

t.test('a path that can be none ends it with 1 and its code', async (t) => {
  const daemon = startProcess(t, shortDirectory(t), { runtimeDirectory: '/nowhere\0' })
  t.equal(await daemon.ended, 1)
  t.match(daemon.errors(), /^(?:grantd|StartupError): .*ERR_INVALID_ARG_VALUE/m)
})

t.test('a broken configuration starts, says where, and recovers without a restart', async (t) => {
  const directory = shortDirectory(t)
  const file = join(directory, 'config.toml')
  writeFileSync(file, '[log]\nlevel = "info"\nlevle = "info"\n[vault]\nsealing_key = "memory"\n', {
    mode: 0o600,
  })
  const daemon = startProcess(t, directory)
  await daemon.listening
  const ask = () => askSocket(daemon.sockets.broker, 'POST', '/v1/token', { grant: 'work' })
  const broken = await ask()
  t.match(broken, { status: 503, json: { code: 'config_invalid' } })
  t.ok(String(broken.json['detail']).startsWith(`${file}:3:1: `))
  t.match(daemon.errors(), /the configuration is broken/)
  writeFileSync(file, '[log]\nlevel = "info"\n[vault]\nsealing_key = "memory"\n')
  const codes = new Set<unknown>()
  const deadline = Date.now() + 5_000
  for (let code: unknown; code !== 'unknown_grant' && Date.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    code = (await ask()).json['code']
    codes.add(code)
  }
  t.ok(codes.has('unknown_grant'))
})

t.test('the level of the log is the command line’s, else the file’s', async (t) => {
  const quiet = shortDirectory(t)
  writeFileSync(
    join(quiet, 'config.toml'),
    '[log]\nlevel = "warn"\n[vault]\nsealing_key = "memory"\n',
    { mode: 0o600 },
  )
  const silent = startProcess(t, quiet)
  while (!existsSync(silent.sockets.admin)) await new Promise((resolve) => setTimeout(resolve, 20))
  silent.child.kill('SIGTERM')
  await silent.ended
  t.notMatch(silent.errors(), /listening/)
  const loud = startProcess(t, quiet, { logLevel: 'info' })
  await loud.listening
})

for (const [what, code] of [
  ['an uncaught error', `setTimeout(() => { throw canary }, 50)`],
  ['an unhandled rejection', `setTimeout(() => void Promise.reject(canary), 50)`],
] as const) {
  t.test(`${what} ends the daemon with 1 and prints nothing of what it says`, async (t) => {
    const canary = `
      const cause = new Error('CANARY-cause')
      cause.body = { refresh_token: 'CANARY-token' }
      const canary = new TypeError('CANARY-message', { cause })
      canary.response = { refresh_token: 'CANARY-response' }`
    const daemon = startProcess(t, shortDirectory(t), {}, `${canary}\n${code}`)
    t.equal(await daemon.ended, 1)
    t.notMatch(daemon.errors(), /CANARY/)
    t.match(daemon.errors(), /grantd: stopped by a mistake: \{"name":"TypeError"/)
  })
}

/** Prints each datagram that it gets; Node has no such socket. */
const LISTENER = `
  use Socket;
  socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die;
  bind($socket, pack_sockaddr_un($ARGV[0])) or die "bind: $!";
  $| = 1; print "bound\\n";
  while (defined recv($socket, my $text, 4096, 0)) { $text =~ tr/\\n/ /; print "$text\\n" }`

t.test('a service manager is told all that it has to know', needs('perl'), async (t) => {
  const directory = shortDirectory(t)
  const socket = join(directory, 'notify')
  const manager = spawn('perl', ['-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => manager.kill())
  let heard = ''
  manager.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text
  })
  const hear = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(heard)) await once(manager.stdout, 'data')
  }
  await hear(/^bound\n/)
  const environment = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '300000' }
  const daemon = startProcess(t, directory, {}, '', environment)
  await hear(/^READY=1 STATUS=0 grants; .*memory/m)
  await hear(/^WATCHDOG=1 STATUS=0 grants; /m)
  heard = ''
  daemon.child.kill('SIGHUP')
  await hear(/^RELOADING=1 MONOTONIC_USEC=\d+ STATUS=reloading\nREADY=1 /m)
  t.match(daemon.errors(), /the configuration was read anew/)
  daemon.child.kill('SIGTERM')
  await hear(/^STOPPING=1 STATUS=stopping$/m)
  t.equal(await daemon.ended, 0)
})

t.test('a manager that does not listen is told of in the log, and nothing fails', async (t) => {
  const directory = shortDirectory(t)
  const nobody = { NOTIFY_SOCKET: join(directory, 'nobody') }
  const daemon = startProcess(t, directory, {}, '', nobody)
  await daemon.listening
  daemon.child.kill('SIGTERM')
  t.equal(await daemon.ended, 0)
  t.match(daemon.errors(), /the service manager could not be told/)
})

t.test('where the system did not close the process the log says so', async (t) => {
  const daemon = startProcess(t, shortDirectory(t), {}, '', {}, false)
  await daemon.listening
  t.match(daemon.errors(), /other processes of this user can read our memory/)
  t.match(daemon.errors(), /a crash may write our memory to disk/)
})

t.test('a second signal ends nothing earlier, and a third does', async (t) => {
  const daemon = startProcess(t, shortDirectory(t), {}, 'setInterval(() => undefined, 1_000)')
  await daemon.listening
  // what is sent at once would be one signal
  const seen = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(daemon.errors())) await once(daemon.child.stderr, 'data')
  }
  daemon.child.kill('SIGTERM')
  await seen(/"signal":"SIGTERM","msg":"stopping"|"msg":"stopping"/)
  daemon.child.kill('SIGINT')
  await seen(/"still stopping"/)
  daemon.child.kill('SIGHUP')
  t.equal(await daemon.ended, 1)
})
