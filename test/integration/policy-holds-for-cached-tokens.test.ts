import { createHash } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { keptConnection } from './kept-connection.ts'
import { afterChange, recordsOf, writePolicy } from './policy-file.ts'
import { startWorld, tokenOf } from './world.ts'

const PROGRAM = realpathSync(process.execPath)

/** A rule that speaks of this very process. */
const rule = (name: string, effect: string, more = '') =>
  `[[rule]]\nname = "${name}"\neffect = "${effect}"\nexecutable = "${PROGRAM}"\n${more}`

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

t.test('a token in the cache leaves only under the rules of now', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const ask = (request: object = {}) => world.token({ grant: 'work', ...request })
  const cached = tokenOf(await ask()).access_token

  await t.test('a denial, a second after it was written', async (t) => {
    writePolicy(world, rule('no node', 'deny'))
    const denied = await afterChange(ask)
    t.match(denied, { status: 403, body: { code: 'access_denied', detail: 'a rule denies it' } })
    t.match(recordsOf(world, 'token.denied').at(-1), { rule: 'no node', reason: 'access_denied' })
    const config = join(world.directory, 'config.toml')
    t.match(recordsOf(world, 'policy.changed').at(-1), { user_policy: sha256(config) })
    const names = await world.ask('broker', 'GET', '/v1/grants')
    t.same(names.body, { grants: [] }, 'nor is there a grant to be seen')
  })

  await t.test('and its end: it is the same token', async (t) => {
    writePolicy(world, rule('node', 'allow'))
    t.equal(tokenOf(await afterChange(ask)).access_token, cached)
    t.match(recordsOf(world, 'token.issued').at(-1), { rule: 'node' })
  })

  await t.test('a scope that is narrower than that of the cached token', async (t) => {
    writePolicy(world, rule('reads', 'limit', 'max_scope = "repo:read"\n'))
    const narrowed = tokenOf(await afterChange(ask))
    t.equal(narrowed.scope, 'repo:read')
    t.not(narrowed.access_token, cached)
    const wide = await ask({ scope: 'repo:read repo:write' })
    t.match(wide, { status: 403, body: { code: 'access_denied' } })
    t.match(wide.body, { detail: '"repo:write" goes beyond "max_scope"' })
  })

  await t.test('a shorter life than it has', async (t) => {
    writePolicy(world, rule('short', 'limit', 'max_lifetime = "1m"\n'))
    const short = tokenOf(await afterChange(ask))
    t.ok(short.expires_in <= 60, `${short.expires_in} s`)
  })

  await t.test('hours that are over', async (t) => {
    const hour = (new Date().getHours() + 3) % 24
    const at = (more: number) => `${String((hour + more) % 24).padStart(2, '0')}:00`
    writePolicy(world, rule('later', 'limit', `hours = "${at(0)}-${at(1)}"\n`))
    t.match(await afterChange(ask), {
      status: 403,
      body: { code: 'access_denied', detail: /^only / },
    })
  })

  await t.test('a person who has to be asked, and cannot be', async (t) => {
    writePolicy(world, rule('asks', 'limit', 'consent = "always"\n'))
    t.match((await afterChange(ask)).body?.['code'], /^consent_(unavailable|denied)$/)
  })

  await t.test('a rate that is used up', async (t) => {
    writePolicy(world, rule('slow', 'limit', 'rate = "2/1d"\n'))
    t.equal((await afterChange(ask)).status, 200)
    t.equal((await ask()).status, 200)
    const answer = await ask()
    t.match(answer, { status: 429, body: { code: 'rate_limited' } })
    t.ok(Number(answer.body?.['retry_after']) > 3_600)
  })

  await t.test('the program by its hash, and by another', async (t) => {
    const hashed = (hash: string) =>
      `[[rule]]\nname = "hash"\neffect = "allow"\nexecutable_sha256 = "${hash}"\n`
    writePolicy(world, hashed(sha256(PROGRAM)))
    t.equal(tokenOf(await afterChange(ask)).access_token, cached)
    writePolicy(world, hashed('ab'.repeat(32)))
    t.match(await afterChange(ask), { status: 403, body: { detail: 'no rule allows it' } })
  })

  await t.test('a denial that is only tried out', async (t) => {
    writePolicy(world, `[policy]\nmode = "audit"\n${rule('no node', 'deny')}`)
    t.equal(tokenOf(await afterChange(ask)).access_token, cached)
    t.match(recordsOf(world, 'token.issued').at(-1), {
      rule: 'built-in',
      would_deny: { rule: 'no node', reason: 'a rule denies it' },
    })
  })
})

t.test('a denial costs no exchange, whatever is asked', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  writePolicy(world, rule('no node', 'deny'))
  await afterChange(() => world.token({ grant: 'work' }))
  const refreshed = recordsOf(world, 'grant.refreshed').length
  for (const more of [
    {},
    { min_ttl: 86_400 },
    { rejected: 'A'.repeat(43) },
    { scope: 'repo:read' },
  ])
    t.equal((await world.token({ grant: 'work', ...more })).status, 403)
  t.equal(recordsOf(world, 'grant.refreshed').length, refreshed)
})

t.test('what was decided for a connection is no promise to it', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  await world.login({ grant: 'home' })
  const ask = keptConnection(t, world)
  const change = async (rules: string): Promise<void> => {
    writePolicy(world, rules)
    await afterChange(() => world.token({ grant: 'work' }))
  }
  const read = { grant: 'work', scope: 'repo:read' }
  const denied = { code: 'access_denied' }
  await change('[[rule]]\nname = "no writing"\neffect = "deny"\nscope = "repo:write"\n')
  for (let times = 0; times < 2; times += 1) t.match(await ask(read), { scope: 'repo:read' })
  t.match(await ask({ grant: 'work', scope: 'repo:write' }), denied, 'of another scope')
  t.match(await ask({ grant: 'work' }), denied)
  t.match(await ask(read), { scope: 'repo:read' })
  await change('[[rule]]\nname = "not home"\neffect = "deny"\ngrant = "home"\n')
  t.match(await ask(read), { scope: 'repo:read' })
  t.match(await ask({ ...read, grant: 'home' }), denied, 'of another grant')
  t.match(await ask(read), { scope: 'repo:read' })
  await change(rule('no node', 'deny'))
  t.match(await ask(read), denied, 'of other rules')
  await change(rule('slow', 'limit', 'rate = "2/1d"\n'))
  for (let times = 0; times < 2; times += 1)
    t.match(await ask({ ...read, grant: 'home' }), { scope: 'repo:read' })
  t.match(await ask({ ...read, grant: 'home' }), { code: 'rate_limited' }, 'nor uncounted')
  await change('')
  t.match(await ask(read), { scope: 'repo:read' })
  await world.ask('admin', 'POST', '/v1/grants/work/revoke')
  t.match(await ask(read), { code: 'login_required' })
})
