import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { startWorld } from './world.ts'

const GOOD = '[vault]\nsealing_key = "memory"\n'
const BROKEN = '[vault]\nsealing_key = "memory"\n[log]\nlevle = "info"\n'

/** How often a change of the file is looked for, with room for a slow machine. */
const NOTICED_MS = 5_000

t.test('a broken file stops tokens, says where, and needs no restart once mended', async (t) => {
  const world = await startWorld({ config: GOOD })
  t.teardown(() => world.close())
  await world.login()
  await world.login({ grant: 'lost' })
  const file = join(world.directory, 'config.toml')
  const pid = world.daemonPid()
  const becomes = async (status: number): Promise<void> => {
    const start = performance.now()
    while ((await world.token({ grant: 'work' })).status !== status) {
      if (performance.now() - start > NOTICED_MS) break
      await setTimeout(50)
    }
    t.comment(`noticed after ${Math.round(performance.now() - start)} ms`)
  }
  t.equal((await world.token({ grant: 'work' })).status, 200, 'a token is in the cache')

  writeFileSync(file, BROKEN)
  await becomes(503)
  const refused = await world.token({ grant: 'work' })
  t.equal(refused.status, 503, 'a cached token does not leave either')
  t.match(refused.body, { code: 'config_invalid', hint: /no restart/ })
  t.ok(String(refused.body?.['detail']).startsWith(`${file}:4:1: `), refused.text)
  t.match((await world.ask('broker', 'GET', '/v1/health')).body, { status: 'degraded' })
  const status = await world.ask('admin', 'GET', '/v1/status')
  t.match(status.body, { config: { path: file, problem: `${file}:4:1: ` } })

  const revoked = await world.ask('admin', 'POST', '/v1/grants/lost/revoke')
  t.match(revoked.body, { revocation: 'revoked_at_issuer' }, 'what ends access still works')

  writeFileSync(file, GOOD)
  await becomes(200)
  t.equal((await world.token({ grant: 'work' })).status, 200)
  t.equal(world.daemonPid(), pid)
  t.match((await world.token({ grant: 'lost' })).body, { code: 'login_required' })
})
