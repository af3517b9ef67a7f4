import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { GrantDetail } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { API_A, API_B } from '../issuers/oidc-issuer.ts'
import { add, kept, token } from './capability.ts'
import { COMMAND, startProgram } from './command.ts'
import { afterChange } from './policy-file.ts'
import { FULL_SCOPE, startWorld, type World, type WorldOptions } from './world.ts'

t.setTimeout(60_000)

const SHIFTED_CLOCK = pathToFileURL(
  join(import.meta.dirname, '..', 'fakes', 'shifted-clock.js'),
).href

async function newWorld(t: Test, options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options)
  t.teardown(() => world.close())
  return world
}

const show = async (world: World, grant = 'work'): Promise<GrantDetail> =>
  (await world.ask('admin', 'GET', `/v1/grants/${grant}`)).body as unknown as GrantDetail

const BOTH = { audience: [API_A, API_B], scope: `${FULL_SCOPE} issues:read` }

t.test('a grant is told with all that is known of it, also after a restart', async (t) => {
  const world = await newWorld(t, kept(t))
  await world.login(BOTH, { login: 'ada' })
  const { path } = await add(world, { uses: 5 })
  t.match(await token(path), { status: 200 })
  // the same interpreter under another name
  const other = join(world.directory, 'other')
  copyFileSync(process.execPath, other)
  const run = await startProgram(other, [COMMAND, 'token', 'work'], world).ended
  t.equal(run.status, 0)
  t.match(await world.token({ grant: 'work', audience: API_A }), { status: 200 })
  const time = /^20\d\d-\d\d-\d\dT[\d:.]+Z$/
  const whole = {
    grant: 'work',
    state: 'active',
    issuer: world.issuer.issuer,
    subject: 'ada',
    scopes: { [API_A]: /^repo:read repo:write$/, [API_B]: /^issues:read$/ },
    audiences: [API_A, API_B],
    created_at: time,
    last_refreshed_at: time,
    last_used_at: time,
    used_by: [
      { executable: process.execPath, last_used_at: time },
      { executable: other, last_used_at: time },
    ],
    exposure: ['never_expiring'],
    capabilities: [{ name: 'ci', used: 1, uses: 5 }],
  }
  t.match(await show(world), whole)
  const before = await show(world)
  await world.restart()
  t.same(await show(world), before, 'nothing of it is lost')
  t.match((await world.ask('admin', 'GET', '/v1/grants')).body, { grants: [whole] })
  const json = JSON.parse((await world.run(['list', '--json'])).stdout) as object
  t.match(json, { grants: [whole] }, 'and the command says the same')

  const { stdout: page } = await world.run(['show', 'work'])
  for (const line of [
    new RegExp(`^issuer +${world.issuer.issuer}$`, 'm'),
    /^subject +ada$/m,
    /^audience +https:\/\/api-a\.example {2}repo:read repo:write$/m,
    /^audience +https:\/\/api-b\.example {2}issues:read$/m,
    /^logged in +\d{4}-\d\d-\d\d \d\d:\d\d \(\d+ s ago\)$/m,
    /^refreshed +\d{4}-\d\d-\d\d \d\d:\d\d \(\d+ s ago\)$/m,
    /^last used +\d{4}-\d\d-\d\d \d\d:\d\d \(\d+ s ago\)$/m,
    /^used by +\S+\/node {2}\d{4}-\d\d-\d\d \d\d:\d\d \(\d+ s ago\)$/m,
    /^used by +\S+\/other {2}\d{4}-/m,
    /^exposure +never-expiring$/m,
    /^capability +ci, used 1 of 5 times$/m,
  ])
    t.match(page, line)

  const { stdout: table } = await world.run(['list'])
  t.match(table, /^GRANT +STATE +ISSUER +SUBJECT +SCOPES +AUDIENCES +AGE +REFRESHED +LAST USED$/m)
  t.match(
    table,
    /^work +active +http\S+ +ada +repo:read .* \d+ s +\d+ s ago +\d+ s ago by node \(\+1\)$/m,
  )
  t.ok(table.endsWith('\n\nwork: capability ci, used 1 of 5 times\nwork: never-expiring\n'))
  t.match((await world.run(['capability', 'list'])).stdout, /^ci +work +repo:read +1 of 5 /m)
})

t.test('a login that names nobody, or somebody in the wrong words, is a login', async (t) => {
  const world = await newWorld(t)
  await world.login({ grant: 'plain', scope: 'offline_access repo:read' })
  t.notOk('subject' in (await show(world, 'plain')), 'nobody asked for an ID token')
  const { proxy } = world.issuer
  for (const [grant, idToken] of Object.entries({
    garbage: () => 'garbage',
    foreign: changed({ iss: 'https://evil.example' }),
    shared: changed({ aud: ['grantd', 'you'] }),
    drawing: changed({ sub: '\x1b[2J' }),
    long: changed({ sub: 'x'.repeat(256) }),
  })) {
    proxy.next(withIdToken(idToken), 100)
    await world.login({ grant })
    proxy.heal()
    t.match(await world.token({ grant }), { status: 200 }, grant)
    t.notOk('subject' in (await show(world, grant)), grant)
  }
  proxy.next(withIdToken(changed({ sub: 'the other' })), 100)
  await world.login()
  proxy.heal()
  t.equal((await show(world)).subject, 'the other', 'it is the ID token that is read')
  proxy.next(withIdToken(changed({ sub: 'a third' })))
  t.match(await world.token({ grant: 'work' }), { status: 200 })
  t.equal((await show(world)).subject, 'the other', 'that of the login, and of no refresh')
})

t.test('what exposes a grant is told, and ends with its cause', async (t) => {
  const { config = '', ...more } = kept(t)
  const world = await newWorld(t, {
    ...more,
    config,
    issuer: { rotates: false },
    preload: { module: SHIFTED_CLOCK },
  })
  await world.login()
  const exposure = async () => (await show(world)).exposure
  t.same(await exposure(), ['never_expiring'])
  t.match(await world.token({ grant: 'work' }), { status: 200 })
  t.same(await exposure(), ['non_rotating', 'never_expiring'])
  const file = join(world.directory, 'config.toml')
  writeFileSync(file, `${config}[lifetime]\nsession_age = "30d"\n`)
  await afterChange(() => world.ask('admin', 'GET', '/v1/grants/work'))
  t.same(await exposure(), ['non_rotating'])
  world.environment['GRANTD_TEST_CLOCK_SHIFT_MS'] = String(31 * 86_400_000)
  await world.restart()
  t.same(await exposure(), ['non_rotating', 'unused_30d', 'older_than_policy'])
  const { stdout } = await world.run(['list'])
  t.match(stdout, /\n\nwork: non-rotating, unused for 30 days, older than policy\n$/)
  t.match(await world.token({ grant: 'work' }), { body: { code: 'login_required' } })
})

/** The claims of an ID token, changed; its signature does not fit any more. */
function changed(claims: object): (idToken: string) => string {
  return (idToken) => {
    const [head, payload = '', signature] = idToken.split('.')
    const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const next = Buffer.from(JSON.stringify({ ...said, ...claims })).toString('base64url')
    return [head, next, signature].join('.')
  }
}

/** A token answer whose ID token is another. */
function withIdToken(change: (idToken: string) => string) {
  return {
    kind: 'rewrite' as const,
    rewrite: <A extends { readonly body: string }>(answer: A): A => ({
      ...answer,
      body: answer.body.replace(/"id_token":"([^"]+)"/, (_, idToken: string) =>
        JSON.stringify({ id_token: change(idToken) }).slice(1, -1),
      ),
    }),
  }
}
