import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { tokenHash } from '../../daemon/base/token-hash.ts'
import { API_A } from '../issuers/oidc-issuer.ts'
import { startWorld, tokenOf } from './world.ts'

const PRELOAD = pathToFileURL(join(import.meta.dirname, '..', 'fakes', 'shifted-clock.js')).href
const HOUR_MS = 3_600_000

for (const hours of [-1, 1])
  t.test(`a daemon whose clock is ${hours} h off loses no grant`, async (t) => {
    const world = await startWorld({
      issuer: { accessTokenSeconds: 120 },
      preload: { module: PRELOAD },
      environment: {
        GRANTD_TEST_CLOCK_SHIFT_MS: String(hours * HOUR_MS),
      },
    })
    t.teardown(() => world.close())
    const off = (text: unknown): number =>
      Math.abs(Date.parse(String(text)) - Date.now() - hours * HOUR_MS)

    // without narrowing no scope is sent at refresh, so that every answer has an ID token
    const plain = { grant: 'plain', audience: [], scope: 'openid offline_access email' }
    await world.login({ scope_narrowing: 'none' })
    await world.login({ ...plain, scope_narrowing: 'none' })
    for (const grant of ['work', 'plain']) {
      const first = tokenOf(await world.token({ grant }))
      const rejected = tokenHash(first.access_token)
      const second = tokenOf(await world.token({ grant, rejected }))
      t.equal(second.generation, first.generation + 1, 'each refresh rotated')
      for (const { expires_in } of [first, second])
        t.ok(expires_in > 100 && expires_in <= 120, `a true life: ${expires_in}`)
      t.match(await world.ask('admin', 'GET', `/v1/grants/${grant}`), {
        body: { state: 'active' },
      })
    }
    t.notOk(world.issuer.log.some(({ error }) => error === 'invalid_grant'))
    const { access_token } = tokenOf(await world.token({ grant: 'work' }))
    const claims = JSON.parse(
      Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString(),
    ) as { aud: string; exp: number }
    t.equal(claims.aud, API_A)
    t.ok(claims.exp * 1000 > Date.now(), 'by the issuer’s clock it lives')
    t.ok(off((await world.ask('admin', 'GET', '/v1/status')).body?.['started_at']) < 60_000)
    const [line = '{}'] = world.auditLog().trim().split('\n').slice(-1)
    t.ok(off((JSON.parse(line) as { time?: string }).time) < 60_000, 'times are as the clock is')
  })
