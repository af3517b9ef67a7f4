import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { approveDevice, openAuthorization } from '../issuers/approve.ts'
import { API_A } from '../issuers/oidc-issuer.ts'
import { startCommand } from './command.ts'
import { FULL_SCOPE, startWorld, type World } from './world.ts'

const USER_CODE = /^\s+([A-Z]{4}-[A-Z]{4})\s*$/m

let shared: World | undefined

async function worldOf(t: Test): Promise<World> {
  shared ??= await startWorld()
  t.ok(shared)
  return shared
}

t.teardown(() => shared?.close())

function write(world: World, name: string, text: string): string {
  const directory = join(world.directory, 'presets')
  mkdirSync(directory, { recursive: true })
  const path = join(directory, `${name}.toml`)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

async function approved(world: World, args: readonly string[]): Promise<number | null> {
  const login = startCommand([...args, '--no-browser'], world)
  const userCode = await login.printed(USER_CODE)
  await approveDevice(`${world.issuer.issuer}/device`, { userCode })
  return (await login.ended).status
}

t.test(
  'a login with a preset fills in what it leaves out, and is done again by name',
  async (t) => {
    const world = await worldOf(t)
    const { issuer, clientId } = world.issuer
    write(
      world,
      'mine',
      `[preset]
title = "Mine"
default_scope = "${FULL_SCOPE}"
[value.issuer]
kind = "address"
text = "the issuer"
[issuer]
identifier = "{issuer}"
[fact]
rotation_grace = { is = 7, known = "observed" }
scope_narrowing = { is = "honored", known = "observed" }
`,
    )
    const where = [
      '--preset',
      'mine',
      '--preset-value',
      `issuer=${issuer}`,
      '--client-id',
      clientId,
    ]
    const rest = ['--flow', 'device', '--audience', API_A]
    t.equal(await approved(world, ['login', 'work', ...where, ...rest]), 0)
    const shown = {
      issuer,
      preset: 'mine',
      preset_values: { issuer },
      rotation_grace: 7,
      scope_narrowing: 'honored',
      scopes: { [API_A]: 'repo:read repo:write' },
    }
    t.match(JSON.parse((await world.run(['show', 'work', '--json'])).stdout), shown)
    t.match((await world.run(['show', 'work'])).stdout, `mine, issuer=${issuer}`)
    t.match(await world.run(['token', 'work', '--scope', 'repo:read']), { status: 0 })
    t.equal(await approved(world, ['login', 'work']), 0, 'the same again')
    t.match(JSON.parse((await world.run(['show', 'work', '--json'])).stdout), shown)
  },
)

t.test('an issuer that publishes no metadata is logged in at where the preset says', async (t) => {
  const world = await worldOf(t)
  const { issuer, clientId } = world.issuer
  const values = { issuer, authorize: `${issuer}/auth`, token: `${issuer}/token` }
  const said = Object.entries(values).flatMap(([name, value]) => [
    '--preset-value',
    `${name}=${value}`,
  ])
  const scope = ['--scope', 'offline_access repo:read', '--audience', API_A]
  const args = ['login', 'plain', '--preset', 'oauth', ...said, '--client-id', clientId, ...scope]
  const login = startCommand([...args, '--flow', 'browser', '--no-browser'], world)
  const address = await login.printed(/(http:\/\/\S+\/auth\?\S+)/)
  t.equal((await openAuthorization(address)).status, 200)
  t.equal((await login.ended).status, 0)
  t.match(await world.run(['token', 'plain']), { status: 0 })
  t.match(await world.run([...args, '--flow', 'device']), { status: 2, stderr: /no device flow/ })
})

t.test('what a preset refuses harms no grant', async (t) => {
  const world = await worldOf(t)
  const { issuer } = world.issuer
  const path = write(world, 'gitlab', '[preset]\ntitle = "GitLab"\nclient_secret = "x"\n')
  const login = (...args: readonly string[]) =>
    world.run(['login', 'work', '--client-id', 'c', '--flow', 'device', ...args])
  const table: readonly (readonly [readonly string[], number, string])[] = [
    [['--preset', 'gitlab'], 1, `${path}:3:1: unknown key "client_secret" in "preset"`],
    [['--preset', 'none'], 2, 'no preset "none"'],
    [['--preset', 'slack'], 2, 'not understood yet'],
    [['--preset', 'keycloak'], 2, 'needs the value "host"'],
    [['--preset', 'keycloak', '--preset-value', 'host=a/b'], 2, '"host" must be a host'],
    [['--preset', 'mine', '--issuer', issuer], 2, 'exclude each other'],
    [
      ['--preset', 'oidc', '--preset-value', 'issuer=http://as.example'],
      2,
      'issuer is not an https address',
    ],
  ]
  for (const [args, status, text] of table) {
    const run = await login(...args)
    t.equal(run.status, status, `${args.join(' ')}: ${run.stderr}`)
    t.ok(run.stderr.includes(text), `${args.join(' ')}: ${run.stderr}`)
  }
  t.match((await world.run(['preset', 'list'])).stdout, /^gitlab +you, in place of grantd +broken/m)
  t.match(await world.run(['token', 'work']), { status: 0 })
  const refused = world.auditLog().match(/"event":"login.failed"/g) ?? []
  t.ok(refused.length >= 6, 'and each is on record')
})

t.test('without a client a person is told where to register one', async (t) => {
  const world = await worldOf(t)
  const run = await world.run(['login', 'new', '--preset', 'spotify', '--flow', 'browser'])
  t.match(run, { status: 2, stderr: /developer\.spotify\.com\/dashboard/ })
})
