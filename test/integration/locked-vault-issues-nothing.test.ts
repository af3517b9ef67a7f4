import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { PASSPHRASE, startPassphraseWorld, vaultOf, withPassphrase } from './vault-commands.ts'
import { tokenOf } from './world.ts'

const LOCKED = { status: 423, body: { code: 'vault_locked', hint: 'grantd unlock' } }

t.test('a locked vault issues nothing, cached tokens neither, until it is unlocked', async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  await world.login()
  const first = tokenOf(await world.token({ grant: 'work' }))
  t.equal(tokenOf(await world.token({ grant: 'work' })).access_token, first.access_token, 'cached')
  t.match(await world.run(['lock']), { status: 0, stdout: /grantd unlock/ })
  t.match(await world.token({ grant: 'work' }), LOCKED)
  t.match(await world.ask('broker', 'GET', '/v1/grants'), LOCKED)
  for (const [method, path] of [
    ['GET', '/v1/grants'],
    ['GET', '/v1/grants/work'],
    ['POST', '/v1/grants/work/revoke'],
  ] as const)
    t.match(await world.ask('admin', method, path), LOCKED, path)
  await t.rejects(world.login({ grant: 'other' }), /vault_locked/)
  t.match(await world.run(['token', 'work']), { status: 5, stdout: '' })
  t.match(await world.run(['list']), { status: 5, stderr: /hint: grantd unlock/ })
  t.match(await world.run(['status']), {
    status: 0,
    stdout: /^vault +locked: you locked the vault\n +help: grantd unlock$/m,
  })
  t.match(await world.run(['doctor']), {
    status: 1,
    stdout: /fail.*vault.*you[\s\S]*grantd unlock/,
  })
  t.match(await vaultOf(world), {
    state: 'locked',
    provider: 'passphrase',
    records: 1,
    locked_by: 'person',
    needs: 'passphrase',
  })
  const before = world.issuer.counts('refresh_token')
  const unlocked = await withPassphrase(world, PASSPHRASE, 'unlock')
  t.match(unlocked, { status: 0, stdout: 'unlocked, 1 grant\n' })
  const second = tokenOf(await world.token({ grant: 'work' }))
  t.equal(second.generation, first.generation + 1, 'the cache was gone')
  t.equal(world.issuer.counts('refresh_token'), before + 1, 'and nothing was asked meanwhile')
  const events = [...world.auditLog().matchAll(/"event":"(vault\.[a-z_]+)"/g)].map(([, e]) => e)
  t.same(events, ['vault.init_begun', 'vault.initialised', 'vault.locked', 'vault.unlocked'])
  t.notMatch(world.auditLog() + world.output(), /H\\u00f6hle|Höhle|Battery/)
})

t.test('a wrong passphrase delays the next one, and nobody else', async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  await world.login()
  await world.run(['lock'])
  let isRefused = false
  const wrong = withPassphrase(world, 'not the one', 'unlock').finally(() => {
    isRefused = true
  })
  // the command starts, asks, and the daemon derives a key for it
  const body = { passphrase: 'nor is this' }
  const guess = world.ask('admin', 'POST', '/v1/vault/unlock', { body })
  t.match(await world.ask('admin', 'GET', '/v1/status'), { status: 200 })
  t.match(await world.token({ grant: 'work' }), LOCKED)
  t.equal(isRefused, false, 'others were answered meanwhile')
  t.match(await guess, { status: 423, body: { retry_after: 1 } })
  const said = await wrong
  t.ok([5, 75].includes(said.status ?? 0), 'wrong as well, or too soon')
  t.match(said.stderr, /hint: try again in \d s/)
  const right = () => withPassphrase(world, PASSPHRASE, 'unlock')
  const tooSoon = await right()
  t.match(tooSoon, { status: 75, stderr: /try again in/ }, 'the right one waits too')
  t.match(await vaultOf(world), { state: 'locked' })
  let opened = tooSoon
  for (let tries = 0; opened.status === 75 && tries < 20; tries += 1) {
    await pause(300)
    opened = await right()
  }
  t.equal(opened.status, 0)
  tokenOf(await world.token({ grant: 'work' }))
  t.match(world.auditLog(), /"event":"vault.unlock_failed".*"reason":"vault_locked"/)
  t.match(world.auditLog(), /"event":"vault.unlock_failed".*"reason":"rate_limited"/)
})

t.test('a lock during an exchange keeps its successor and hands nothing out', async (t) => {
  const world = await startPassphraseWorld()
  t.teardown(() => world.close())
  await world.login()
  await world.login({ grant: 'other' })
  const { generation } = tokenOf(await world.token({ grant: 'work' }))
  tokenOf(await world.token({ grant: 'other' }))
  const { proxy } = world.issuer
  proxy.next({ kind: 'hold' })
  const asked = world.token({ grant: 'work', scope: 'repo:read' })
  await proxy.held()
  let isLocked = false
  const locking = world.run(['lock']).finally(() => {
    isLocked = true
  })
  while ((await vaultOf(world)).state !== 'locked') await pause(5)
  t.match(await world.token({ grant: 'other' }), LOCKED, 'a cached token of another grant')
  t.match(await world.token({ grant: 'work' }), LOCKED, 'a cached token of this one')
  t.equal(isLocked, false, 'the lock waits for what was sent')
  proxy.release()
  t.match(await asked, LOCKED, 'who waited hears of the lock')
  t.equal((await locking).status, 0)
  t.match((await world.ask('admin', 'GET', '/v1/status')).body, { counters: { cached_tokens: 0 } })
  t.equal((await withPassphrase(world, PASSPHRASE, 'unlock')).status, 0)
  const after = tokenOf(await world.token({ grant: 'work' }))
  t.equal(after.generation, generation + 2, 'the successor was kept, and it works')
})
