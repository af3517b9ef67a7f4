import { chmodSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoginView } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { systemClock } from '../../daemon/base/clock.ts'
import type { Log } from '../../daemon/base/log.ts'
import { ConfigFile } from '../../daemon/config/config-file.ts'
import { startDaemon } from '../../daemon/daemon.ts'
import { askSocket, type SocketAnswer } from '../fakes/ask-socket.ts'
import { PRESETS } from '../fakes/built-in-presets.ts'
import { shortDirectory } from '../fakes/short-directory.ts'
import { approveDevice } from '../issuers/approve.ts'
import { API_A, startOidcIssuer } from '../issuers/oidc-issuer.ts'

const PROGRAM = realpathSync(process.execPath)
const uid = process.getuid?.() ?? -1
const nothing = (): void => undefined
const silent: Log = { info: nothing, warn: nothing, error: nothing, setLevel: nothing }

/** The longest a change may go unnoticed. */
const CHANGE_MS = 1_000

interface System {
  readonly token: (request?: object) => Promise<SocketAnswer>
  readonly explain: () => Promise<SocketAnswer>
  readonly systemFile: string
  /** Writes both files, and lets the time go by until both must hold. */
  readonly write: (system: string, user: string) => Promise<void>
}

/**
 * A whole daemon with a system file of its own. That file lies elsewhere than in `/etc`,
 * where no test writes, and belongs to whoever runs the test; all else is as it always is.
 */
async function startSystem(t: Test): Promise<System> {
  const directory = shortDirectory(t)
  const systemFile = join(directory, 'system.toml')
  const paths = {
    runtimeDirectory: join(directory, 'run'),
    stateDirectory: join(directory, 'state'),
    configFile: join(directory, 'config.toml'),
  }
  const write: System['write'] = async (system, user) => {
    writeFileSync(systemFile, system, { mode: 0o600 })
    writeFileSync(paths.configFile, `[vault]\nsealing_key = "memory"\n${user}`, { mode: 0o600 })
    await new Promise((resolve) => setTimeout(resolve, CHANGE_MS + 50))
  }
  await write('', '')
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  const daemon = await startDaemon({
    paths,
    config: new ConfigFile({ path: paths.configFile, uid, clock: systemClock }),
    systemConfig: new ConfigFile({ path: systemFile, uid, clock: systemClock, level: 'system' }),
    clock: systemClock,
    log: silent,
    uid,
    environment: {},
    version: '1.2.3',
    allowLoopbackHttpIssuer: true,
    builtInPresets: PRESETS,
  })
  t.teardown(() => daemon.close('test'))
  const { admin, broker } = daemon.sockets
  const login = await askSocket(admin, 'POST', '/v1/logins', {
    grant: 'work',
    issuer: issuer.issuer,
    client_id: issuer.clientId,
    scope: 'openid offline_access repo:read repo:write',
    audience: [API_A],
    flow: 'device',
    scope_narrowing: 'honored',
  })
  const view = login.json as unknown as LoginView
  await approveDevice(view.verification_uri_complete ?? '')
  const ended = await askSocket(admin, 'GET', `/v1/logins/${view.id}?wait=20`)
  if (ended.json['state'] !== 'complete') throw new Error(JSON.stringify(ended.json))
  return {
    systemFile,
    write,
    token: (request = {}) => askSocket(broker, 'POST', '/v1/token', { grant: 'work', ...request }),
    explain: () =>
      askSocket(admin, 'POST', '/v1/policy/explain', { grant: 'work', pid: process.pid }),
  }
}

const rule = (name: string, effect: string, more = '') =>
  `[[rule]]\nname = "${name}"\neffect = "${effect}"\n${more}`

t.test('the file of the system takes away, and gives nothing', async (t) => {
  const system = await startSystem(t)
  const { token, explain, write, systemFile } = system
  t.equal((await token()).status, 200, 'an empty file says nothing')

  await t.test('its denial beats whatever the user allows', async (t) => {
    await write(
      rule('no node', 'deny', `executable = "${PROGRAM}"\n`),
      rule('node', 'allow', `executable = "${PROGRAM}"\nclass = "local"\ngrant = "work"\n`),
    )
    t.match(await token(), { status: 403, json: { code: 'access_denied' } })
    t.match((await explain()).json, { decision: 'deny', rule: 'system:no node' })
  })

  await t.test('trying out is for rules of the user alone', async (t) => {
    const tried = `[policy]\nmode = "audit"\n`
    await write(rule('no', 'deny'), `${tried}${rule('all', 'allow')}`)
    t.equal((await token()).status, 403)
    await write('', `${tried}${rule('no', 'deny')}`)
    t.equal((await token()).status, 200)
    await write('[policy]\nmode = "enforce"\n', `${tried}${rule('no', 'deny')}`)
    t.equal((await token()).status, 403, 'and may be forbidden')
  })

  await t.test('the narrower of both limits holds, whosever it is', async (t) => {
    const limit = (scope: string, life: string) =>
      rule('l', 'limit', `max_scope = ${scope}\nmax_lifetime = "${life}"\n`)
    const both = '["repo:read", "repo:write"]'
    for (const [ofSystem, ofUser] of [
      [limit('"repo:read"', '1m'), limit(both, '1d')],
      [limit(both, '1d'), limit('"repo:read"', '1m')],
      [limit('"repo:read"', '1d'), limit(both, '1m')],
    ] as const) {
      await write(ofSystem, ofUser)
      const { json } = await token()
      t.match(json, { scope: 'repo:read' })
      t.ok(Number(json['expires_in']) <= 60, String(json['expires_in']))
      t.equal((await token({ scope: 'repo:write' })).status, 403)
    }
  })

  await t.test('and so does the shorter of both lifetimes', async (t) => {
    const life = (text: string) => `[lifetime]\naccess_token = "${text}"\n`
    for (const [ofSystem, ofUser] of [
      [life('1m'), `${life('1d')}[grant.work.lifetime]\naccess_token = "1d"\n`],
      [life('1d'), life('1m')],
    ] as const) {
      await write(ofSystem, ofUser)
      t.ok(Number((await token()).json['expires_in']) <= 60)
    }
  })

  await t.test('what would widen is no such file', async (t) => {
    for (const [text, what] of [
      [rule('all', 'allow'), /:3:1: the system file can only narrow/],
      ['[policy]\nmode = "audit"\n', /:2:1: "mode" must be one of enforce/],
      ['[vault]\nauto_lock = "1d"\n', /:1:2: unknown table "vault"/],
    ] as const) {
      await write(text, '')
      const { status, json } = await token()
      t.match({ status, json }, { status: 503, json: { code: 'config_invalid', detail: what } })
      t.ok(String(json['detail']).startsWith(`${systemFile}:`))
    }
  })

  await t.test('one that others can write, or that is gone, gives nothing', async (t) => {
    await write('', '')
    t.equal((await token()).status, 200)
    chmodSync(systemFile, 0o666)
    await new Promise((resolve) => setTimeout(resolve, CHANGE_MS + 50))
    t.match((await token()).json, { detail: /can be written by others/ })
    chmodSync(systemFile, 0o600)
    rmSync(systemFile)
    await new Promise((resolve) => setTimeout(resolve, CHANGE_MS + 50))
    t.match((await token()).json, { code: 'config_invalid', detail: /was removed while/ })
    await write('', '')
    t.equal((await token()).status, 200)
  })
})
