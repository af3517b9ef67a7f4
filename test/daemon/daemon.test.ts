import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { LoginView } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { systemClock } from '../../daemon/base/clock.ts'
import type { Log } from '../../daemon/base/log.ts'
import { ConfigFile } from '../../daemon/config/config-file.ts'
import { startDaemon } from '../../daemon/daemon.ts'
import { boundSocket } from '../../daemon/platform/bound-socket.ts'
import type { DaemonOptions } from '../../daemon/wiring/daemon-options.ts'
import type { RunningDaemon } from '../../daemon/wiring/running-daemon.ts'
import { askSocket } from '../fakes/ask-socket.ts'
import { auditText } from '../fakes/audit-text.ts'
import { PRESETS } from '../fakes/built-in-presets.ts'
import { shortDirectory } from '../fakes/short-directory.ts'
import { approveDevice } from '../issuers/approve.ts'
import { FAULTS } from '../issuers/faulty-proxy.ts'
import { API_A, API_B, startOidcIssuer, type TestIssuer } from '../issuers/oidc-issuer.ts'

const uid = process.getuid?.() ?? -1

const silent: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
}

function optionsFor(directory: string, changes: Partial<DaemonOptions> = {}): DaemonOptions {
  const paths = {
    runtimeDirectory: join(directory, 'run'),
    stateDirectory: join(directory, 'state'),
    configFile: join(directory, 'config.toml'),
  }
  // no key of a test shall stay in the keychain or the kernel of whoever runs it
  if (!existsSync(paths.configFile))
    writeFileSync(paths.configFile, '[vault]\nsealing_key = "memory"\n', { mode: 0o600 })
  return {
    paths,
    config: new ConfigFile({ path: paths.configFile, uid, clock: systemClock }),
    clock: systemClock,
    log: silent,
    uid,
    environment: {},
    version: '1.2.3',
    allowLoopbackHttpIssuer: true,
    builtInPresets: PRESETS,
    ...changes,
  }
}

/** A daemon that ends with the test, at the latest. */
async function start(t: Test, options: DaemonOptions): Promise<RunningDaemon> {
  const daemon = await startDaemon(options)
  t.teardown(() => daemon.close('test'))
  return daemon
}

async function issuer(t: Test): Promise<TestIssuer> {
  const started = await startOidcIssuer()
  t.teardown(() => started.close())
  return started
}

/** Logs in as a person would, by the device flow. */
async function login(
  daemon: RunningDaemon,
  at: TestIssuer,
  more: object = {},
): Promise<Partial<LoginView>> {
  const { admin } = daemon.sockets
  const started = await askSocket(admin, 'POST', '/v1/logins', {
    grant: 'work',
    issuer: at.issuer,
    client_id: at.clientId,
    scope: 'openid offline_access repo:read',
    audience: [API_A],
    flow: 'device',
    ...more,
  })
  const view = started.json as unknown as LoginView
  await approveDevice(view.verification_uri_complete ?? '')
  return (await askSocket(admin, 'GET', `/v1/logins/${view.id}?wait=25`)).json
}

t.test('a whole life: login, tokens of two audiences, inventory, revocation, end', async (t) => {
  const at = await issuer(t)
  const options = optionsFor(shortDirectory(t))
  const daemon = await start(t, options)
  const { broker, admin } = daemon.sockets
  const view = await login(daemon, at, {
    scope: 'openid offline_access repo:read issues:read',
    audience: [API_A, API_B],
  })
  t.match(view, { state: 'complete', notice: /memory/, result: { audiences: [API_A, API_B] } })
  const token = await askSocket(broker, 'POST', '/v1/token', { grant: 'work', audience: API_B })
  t.match(token, { status: 200, json: { token_type: 'Bearer', audience: API_B } })
  const again = await askSocket(broker, 'POST', '/v1/token', { grant: 'work', audience: API_B })
  t.equal(again.json['access_token'], token.json['access_token'])
  t.match((await askSocket(broker, 'GET', '/v1/grants')).json, { grants: [{ grant: 'work' }] })
  t.match((await askSocket(admin, 'GET', '/v1/status')).json, {
    status: 'ok',
    version: '1.2.3',
    pid: process.pid,
    vault: { kind: 'memory' },
    config: { path: options.paths.configFile },
    grants: 1,
    pending_logins: 0,
    sockets: daemon.sockets,
    connections: { refused_peers: 0 },
    counters: { cached_tokens: 1, exchanges_under_way: 0 },
  })
  const revoked = await askSocket(admin, 'POST', '/v1/grants/work/revoke')
  t.match(revoked.json, { revocation: 'revoked_at_issuer' })
  t.match((await askSocket(broker, 'POST', '/v1/token', { grant: 'work' })).json, {
    code: 'login_required',
  })
  await daemon.close('test')
  for (const socket of Object.values(daemon.sockets)) t.notOk(existsSync(socket))
  const audit = auditText(options.paths.stateDirectory)
  t.same(
    audit.match(/"event":"(daemon.started|login|grant.revoked)/g)?.length,
    5,
    'start, login started, answered and completed, revocation',
  )
  t.match(
    audit,
    /"event":"daemon.stopped","reason":"test","seq":[^{}]*}\n$/,
    'the end is the last word',
  )
  t.notMatch(audit, String(token.json['access_token']))
})

t.test('the status counts the grants that the inventory lists', async (t) => {
  const at = await issuer(t)
  const daemon = await start(t, optionsFor(shortDirectory(t)))
  const { sockets } = daemon
  await login(daemon, at)
  at.proxy.next(FAULTS.unavailable, 9, '/token/revocation')
  t.equal((await login(daemon, at)).state, 'complete', 'a second login of that name')
  const { json } = await askSocket(sockets.admin, 'GET', '/v1/grants')
  t.equal((json['grants'] as unknown[]).length, 1)
  t.match((await askSocket(sockets.admin, 'GET', '/v1/status')).json, { grants: 1 })
})

t.test('the sockets are ours alone', async (t) => {
  const { sockets } = await start(t, optionsFor(shortDirectory(t)))
  for (const path of Object.values(sockets)) t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('a second daemon is refused by the name of the first, and harms nothing', async (t) => {
  const directory = shortDirectory(t)
  const daemon = await start(t, optionsFor(directory))
  await t.rejects(startDaemon(optionsFor(directory)), {
    name: 'StartupError',
    message: new RegExp(`pid ${process.pid}`),
  })
  const elsewhere = optionsFor(directory)
  const runtimeDirectory = join(directory, 'other')
  await t.rejects(startDaemon({ ...elsewhere, paths: { ...elsewhere.paths, runtimeDirectory } }), {
    message: /state/,
  })
  t.equal((await askSocket(daemon.sockets.broker, 'GET', '/v1/health')).status, 200)
})

t.test('a directory that is not ours alone is refused', async (t) => {
  const cases: readonly [what: string, make: (path: string) => void, message: RegExp][] = [
    ['open to others', (path) => mkdirSync(path, { mode: 0o755 }), /open to others \(mode 755\)/],
    ['a link', (path) => symlinkSync(join(path, '..'), path), /symbolic link/],
    ['a file', (path) => writeFileSync(path, ''), /.*/],
  ]
  for (const name of ['run', 'state'])
    for (const [what, make, message] of cases) {
      const directory = shortDirectory(t)
      make(join(directory, name))
      await t.rejects(startDaemon(optionsFor(directory)), { message }, `${name}: ${what}`)
    }
  const foreign = optionsFor(shortDirectory(t), { uid: uid + 1 })
  await t.rejects(startDaemon(foreign), { name: 'StartupError', message: /belongs to uid/ })
})

t.test('a start that fails leaves nothing open behind it', async (t) => {
  const directory = shortDirectory(t)
  const options = optionsFor(directory)
  mkdirSync(options.paths.runtimeDirectory, { mode: 0o700 })
  const inTheWay = join(options.paths.runtimeDirectory, 'admin.sock')
  writeFileSync(inTheWay, 'a file')
  await t.rejects(startDaemon(options), { name: 'StartupError', message: /not a socket of ours/ })
  t.notOk(existsSync(join(options.paths.runtimeDirectory, 'broker.sock')))
  const audit = auditText(options.paths.stateDirectory)
  t.match(audit, /daemon.started.*\n.*"event":"daemon.stopped","reason":"closed"/)
  const elsewhere = { ...options.paths, runtimeDirectory: join(directory, 'other') }
  const daemon = await start(t, { ...options, paths: elsewhere })
  t.equal((await askSocket(daemon.sockets.broker, 'GET', '/v1/health')).status, 200)
})

t.test('the end waits for an exchange under way, also when its caller is gone', async (t) => {
  const at = await issuer(t)
  const daemon = await start(t, optionsFor(shortDirectory(t)))
  await login(daemon, at)
  at.proxy.next({ kind: 'delay', milliseconds: 300 })
  const exchanges = at.counts('refresh_token')
  const gone = connect(daemon.sockets.broker)
  const body = '{"grant":"work"}'
  gone.write(
    `POST /v1/token HTTP/1.1\r\nHost: grantd\r\nGrantd-Client: t/1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const waiting = askSocket(daemon.sockets.broker, 'POST', '/v1/token', { grant: 'work' })
  while (at.counts('refresh_token') === exchanges) await new Promise(setImmediate)
  gone.destroy()
  await daemon.close('test')
  t.equal((await waiting).status, 200, 'who still waits gets an answer')
})

t.test('the end does not wait for those who never finish a request', async (t) => {
  const daemon = await start(t, optionsFor(shortDirectory(t)))
  const stuck = ['', 'POST /v1/token HTTP/1.1\r\nHost: gra'].map((bytes) => {
    const socket = connect(daemon.sockets.broker)
    socket.on('error', () => undefined)
    socket.write(bytes)
    return socket
  })
  await Promise.all(stuck.map((socket) => once(socket, 'connect')))
  t.equal((await askSocket(daemon.sockets.broker, 'GET', '/v1/health')).status, 200)
  const startedAt = performance.now()
  await daemon.close('test')
  t.ok(performance.now() - startedAt < 4_000)
  for (const socket of stuck) socket.destroy()
})

t.test('a login that is pending at the end is cancelled, and its poll answered', async (t) => {
  const at = await issuer(t)
  const daemon = await start(t, optionsFor(shortDirectory(t)))
  const { admin } = daemon.sockets
  const started = await askSocket(admin, 'POST', '/v1/logins', {
    grant: 'work',
    issuer: at.issuer,
    client_id: at.clientId,
    flow: 'device',
  })
  t.match((await askSocket(admin, 'GET', '/v1/status')).json, { pending_logins: 1 })
  const poll = askSocket(admin, 'GET', `/v1/logins/${String(started.json['id'])}?wait=25`)
  await new Promise(setImmediate)
  await askSocket(admin, 'GET', '/v1/health')
  await daemon.close('test')
  t.match((await poll).json, { state: 'cancelled' })
})

t.test('an issuer that is away leaves the token usable for later', async (t) => {
  const at = await issuer(t)
  let ahead = 0
  const clock = {
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
  }
  const daemon = await start(t, { ...optionsFor(shortDirectory(t)), clock })
  await login(daemon, at)
  at.proxy.next(FAULTS.unavailable)
  t.match((await askSocket(daemon.sockets.broker, 'POST', '/v1/token', { grant: 'work' })).json, {
    code: 'issuer_unreachable',
    retry_after: 7,
  })
  ahead = 7_000
  const { status } = await askSocket(daemon.sockets.broker, 'POST', '/v1/token', { grant: 'work' })
  t.equal(status, 200)
})

t.test('under a broken configuration nothing is opened, until it is mended', async (t) => {
  const directory = shortDirectory(t)
  const options = optionsFor(directory)
  writeFileSync(options.paths.configFile, '[vault]\nsealing_key = "nowhere"\n', { mode: 0o600 })
  const { sockets } = await start(t, options)
  t.match((await askSocket(sockets.admin, 'GET', '/v1/status')).json, {
    status: 'degraded',
    vault: { kind: 'locked' },
    grants: 0,
    config: { problem: /config\.toml:2:1: / },
  })
  writeFileSync(options.paths.configFile, '[vault]\nsealing_key = "memory"\n')
  const mended = async (): Promise<boolean> =>
    (await askSocket(sockets.broker, 'GET', '/v1/health')).json['status'] === 'ok'
  const deadline = Date.now() + 5_000
  while (!(await mended()) && Date.now() < deadline) await new Promise((r) => setTimeout(r, 50))
  t.ok(await mended(), 'no request had to knock for it')
})

t.test('a mistake in a request is logged, and what breaks at the end is told', async (t) => {
  const logged: unknown[] = []
  const log: Log = { ...silent, error: (message, error) => logged.push([message, error]) }
  const mistake = new TypeError('a mistake')
  const options = optionsFor(shortDirectory(t), { log })
  let isMistaken = false
  const config = Object.assign(Object.create(options.config) as ConfigFile, {
    // another object each time: as after a change
    look: () => ({ ...options.config.look() }),
    now: () => options.config.now(),
    hash: () => {
      if (isMistaken) throw mistake
      return undefined
    },
  })
  const { sockets } = await start(t, { ...options, config })
  isMistaken = true
  t.equal((await askSocket(sockets.broker, 'POST', '/v1/token', { grant: 'x' })).status, 500)
  t.same(logged.at(-1), ['a request failed by our own mistake', mistake])
})

t.test('a vault that nobody used is locked at the next request, sleep counted', async (t) => {
  const at = await issuer(t)
  const directory = shortDirectory(t)
  const text = '[vault]\nsealing_key = "passphrase"\nauto_lock = "15m"\n'
  writeFileSync(join(directory, 'config.toml'), text, { mode: 0o600 })
  let sleptMs = 0
  const clock = { ...systemClock, now: () => Date.now() + sleptMs }
  const { sockets } = await start(t, optionsFor(directory, { clock }))
  const passphrase = 'correct horse battery'
  const init = await askSocket(sockets.admin, 'POST', '/v1/vault/init', { passphrase })
  t.match(init, { status: 200, json: { state: 'open', provider: 'passphrase' } })
  const login = await askSocket(sockets.admin, 'POST', '/v1/logins', {
    grant: 'work',
    issuer: at.issuer,
    client_id: at.clientId,
    scope: 'openid offline_access repo:read',
    audience: [API_A],
    flow: 'device',
  })
  t.equal(login.status, 200)
  sleptMs = 899_000
  t.match(await askSocket(sockets.admin, 'GET', '/v1/vault'), { json: { state: 'open' } })
  sleptMs = 901_000
  t.match(await askSocket(sockets.broker, 'POST', '/v1/token', { grant: 'work' }), {
    status: 423,
    json: { code: 'vault_locked', hint: 'grantd unlock' },
  })
  t.match(await askSocket(sockets.admin, 'GET', '/v1/vault'), {
    json: { state: 'locked', locked_by: 'idle', needs: 'passphrase' },
  })
  const unlocked = await askSocket(sockets.admin, 'POST', '/v1/vault/unlock', { passphrase })
  t.match(unlocked, { status: 200, json: { state: 'open' } })
  t.match((await askSocket(sockets.broker, 'GET', '/v1/grants')).status, 200, 'it is not idle')
  const audit = auditText(join(directory, 'state'))
  t.match(audit, /"event":"vault.locked","provider":"passphrase".*"reason":"idle"/)
})

t.test('it says how it is, and reads its configuration when it is told to', async (t) => {
  const directory = shortDirectory(t)
  const daemon = await start(t, optionsFor(directory))
  t.match(daemon.check(), /^0 grants; grants are kept in memory/)
  const asked = () => askSocket(daemon.sockets.broker, 'POST', '/v1/token', { grant: 'work' })
  t.match(await asked(), { json: { code: 'unknown_grant' } })
  writeFileSync(join(directory, 'config.toml'), '[vault]\nsealing_key = "memory"\nwrong = 1\n')
  daemon.reload()
  t.match(await asked(), { json: { code: 'config_invalid' } })
  t.match(auditText(join(directory, 'state')), /"event":"policy.broken"/)
})

t.test('a capability is a socket beside its own', async (t) => {
  const at = await issuer(t)
  const daemon = await start(t, optionsFor(shortDirectory(t)))
  await login(daemon, at)
  const { admin } = daemon.sockets
  const asked = { name: 'ci', grant: 'work', scope: 'repo:read' }
  const { json } = await askSocket(admin, 'POST', '/v1/capabilities', asked)
  const served = await askSocket(String(json['path']), 'GET', '/v1/health')
  t.match(served, { status: 200, json: { status: 'ok' } })
})

t.test('sockets that somebody else has bound are listened on, and stay', async (t) => {
  const directory = shortDirectory(t)
  const at = (name: string) => {
    const path = join(directory, name)
    return { path, fd: boundSocket(path) }
  }
  const inherited = {
    activation: 'launchd',
    broker: at('b'),
    admin: at('a'),
    capabilities: [at('c')],
  } as const
  const warnings: unknown[] = []
  const log = { ...silent, warn: (...said: readonly unknown[]) => void warnings.push(said) }
  const daemon = await startDaemon(optionsFor(directory, { inherited, log }))
  const { broker, admin, capabilities } = inherited
  t.same(daemon.sockets, { broker: broker.path, admin: admin.path })
  const { json } = await askSocket(admin.path, 'GET', '/v1/status')
  t.match(json, { activation: 'launchd', sockets: daemon.sockets })
  t.match(warnings, [[/no capability’s/, { path: capabilities[0].path }]])
  const stranger = connect(capabilities[0].path)
  await once(stranger.resume(), 'close')
  await daemon.close('test')
  for (const { path } of [broker, admin, ...capabilities]) t.ok(existsSync(path), path)
})

t.test('in a directory where others can exchange it no socket is listened on', async (t) => {
  const directory = shortDirectory(t)
  const path = join(directory, 'b')
  const broker = { path, fd: boundSocket(path) }
  const inherited = { activation: 'systemd', broker, capabilities: [] } as const
  chmodSync(directory, 0o777)
  const place = { ...optionsFor(shortDirectory(t)), inherited }
  await t.rejects(startDaemon(place), { name: 'StartupError', message: /is open to others/ })
})

t.test('who is not the owner is not answered, and our own uid is none', async (t) => {
  const owner = (process.getuid?.() ?? -1) + 1
  const directory = shortDirectory(t)
  const daemon = await start(t, optionsFor(directory, { owner }))
  for (const socket of Object.values(daemon.sockets))
    await t.rejects(askSocket(socket, 'GET', '/v1/health'), { code: /^(?:ECONNRESET|EPIPE)$/ })
  t.match(auditText(join(directory, 'state')), /"event":"peer\.refused".*"reason":"other_uid"/)
})
