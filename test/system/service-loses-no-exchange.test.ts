import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { askSocket } from '../fakes/ask-socket.ts'
import { startOidcIssuer, type TestIssuer } from '../issuers/oidc-issuer.ts'
import { logIn } from './accounts.ts'
import {
  BROKER,
  CONFIG,
  changeService,
  grantd,
  outcome,
  property,
  startGrantd,
  systemctl,
} from './own-service.ts'
import { underUserManager } from './user-manager.ts'

const CREDENTIAL = '[vault]\nsealing_key = "credential-file"\n'

/** So long the issuer answers the same refresh token again; half of it is waited for. */
const GRACE_SECONDS = 10

underUserManager('no exchange is lost with the service', fileURLToPath(import.meta.url), () => {
  let issuer: TestIssuer

  t.before(async () => {
    issuer = await startOidcIssuer({ rotationGraceSeconds: GRACE_SECONDS })
    mkdirSync(dirname(CONFIG), { recursive: true, mode: 0o700 })
    writeFileSync(CONFIG, CREDENTIAL, { mode: 0o600 })
    await grantd('service', 'install')
    await changeService('--allow-loopback-http-issuer')
    const login = await logIn({ grantd: startGrantd }, issuer, {
      'rotation-grace': String(GRACE_SECONDS),
    })
    t.match(login, { status: 0 }, 'by the service that the login has started')
  })
  t.teardown(() => issuer.close())

  /** Asks a daemon that has no token yet, and waits until the issuer has given one to the proxy. */
  async function ask() {
    await systemctl('restart', 'grantd.service')
    issuer.proxy.next({ kind: 'hold' })
    const asked = token()
    await issuer.proxy.held()
    return { asked }
  }

  t.test('a reload in the middle of an exchange changes nothing for who waits', async (t) => {
    const { asked } = await ask()
    const before = await property('MainPID')
    writeFileSync(CONFIG, `${CREDENTIAL}[log]\nlevel = "debug"\n`)
    t.equal((await systemctl('reload', 'grantd.service')).status, 0)
    issuer.proxy.release()
    const { status, generation } = await asked
    t.equal(status, 200)
    t.equal(await property('MainPID'), before)
    t.match(await token(), { status: 200, generation }, 'its rotation is the newest')
  })

  t.test('a stop waits for it, and who comes meanwhile waits for the next daemon', async (t) => {
    const { asked } = await ask()
    const before = await property('MainPID')
    const stopped = systemctl('stop', 'grantd.service')
    while ((await property('ActiveState')) !== 'deactivating') await pause(10)
    const others = [1, 2, 3, 4].map(() => outcome())
    issuer.proxy.release()
    const { status, generation } = await asked
    t.equal(status, 200)
    t.equal((await stopped).status, 0)
    t.same(await Promise.all(others), [200, 200, 200, 200])
    t.not(await property('MainPID'), before)
    const next = await token()
    t.match(next, { status: 200, generation: generation + 1 }, 'which uses what was kept')
  })

  t.test('after SIGKILL in the middle of it the grant lives', async (t) => {
    const { asked } = await ask()
    const before = Number(await property('MainPID'))
    const lost = asked.then(
      () => 'answered',
      (error: NodeJS.ErrnoException) => error.code,
    )
    process.kill(before, 'SIGKILL')
    t.equal(await lost, 'ECONNRESET')
    issuer.proxy.discard()
    // who asks again is told to wait for as long as the answer is in doubt
    let next = await token()
    for (let tries = 0; next.status === 503 && tries < 100; tries += 1) {
      await pause(200)
      next = await token()
    }
    t.match(next, { status: 200 })
    await systemctl('restart', 'grantd.service')
    t.match(await token(), { status: 200, generation: next.generation + 1 })
  })

  t.test('and all of it is on record', async (t) => {
    t.match(await grantd('audit', 'verify'), { status: 0 })
    const { stdout } = await grantd('audit', 'query', '--event', 'grant.refreshed', '--json')
    t.ok(stdout.split('\n').length > 4)
    t.match(await grantd('service', 'uninstall'), { status: 0 })
  })
})

async function token() {
  const { status, json } = await askSocket(BROKER, 'POST', '/v1/token', { grant: 'work' })
  return { status, generation: Number(json['generation']) }
}
