import { createClient, GrantdError } from '@grantd/client'
import { startCommand } from '../../test/integration/command.ts'
import { startWorld, type World } from '../../test/integration/world.ts'
import { approveDevice } from '../../test/issuers/approve.ts'
import { API_A } from '../../test/issuers/oidc-issuer.ts'
import { startProtectedApi } from './protected-api.ts'
import { Stage } from './stage.ts'

/** Seconds an access token lives in the demo: short, as they should be. */
const TOKEN_SECONDS = 30
const CALLERS = 50

const stage = new Stage()
const world = await startWorld({ issuer: { accessTokenSeconds: TOKEN_SECONDS } })
const api = await startProtectedApi({ issuer: world.issuer.issuer, audience: API_A })
const client = createClient({ socketPath: world.sockets.broker, name: 'demo', version: '1.0.0' })
try {
  stage.step('A daemon in a temporary home, and a real issuer on loopback')
  stage.show(`issuer  ${world.issuer.issuer} (rotates refresh tokens, reuse ends the login)`)
  stage.show((await world.run(['status'])).stdout)

  stage.step('One login, approved on the issuer’s own pages')
  await logIn(world)

  stage.step('A token through the command')
  const byCommand = await world.run(['token', 'work', '--scope', 'repo:read'])
  stage.show(`$ grantd token work --scope repo:read\n${shorten(byCommand.stdout)}`)
  stage.check('the command printed a token and nothing else', /^[\w.-]+\n$/.test(byCommand.stdout))

  stage.step('A token through the SDK')
  const bySdk = await client.getAccessToken({ grant: 'work', scope: 'repo:read' })
  stage.show(`${shorten(bySdk.accessToken)}  "${bySdk.scope}", ${bySdk.expiresInSeconds} s left`)
  stage.check(
    'it is the same token: the daemon keeps it',
    `${bySdk.accessToken}\n` === byCommand.stdout,
  )

  stage.step('A call to an API that verifies it')
  const narrow = client.authorizedFetch({ grant: 'work', scope: 'repo:read' })
  const read = await narrow(`${api.origin}/repos`)
  stage.show(`GET /repos: ${read.status} ${await read.text()}`)
  stage.check('the API accepts the token', read.status === 200)

  stage.step('The same narrow token where it must not suffice')
  const write = await narrow(`${api.origin}/repos`, { method: 'POST' })
  stage.show(`POST /repos: ${write.status} ${await write.text()}`)
  stage.check('the API refuses the narrowed token', write.status === 403)

  stage.step(`${CALLERS} callers at once, each with a connection of its own`)
  await callAtOnce(world)

  stage.step('What the audit log says')
  stage.show(lastOfEachEvent(world.auditLog()))
  stage.check(
    'every token is on record by a prefix of its hash only',
    !world.auditLog().includes('eyJ'),
  )

  stage.step('Revoke')
  const revoked = await world.run(['revoke', 'work'])
  stage.show(`$ grantd revoke work\n${revoked.stdout}`)
  stage.check('the issuer confirmed it', /revoked at the issuer/.test(revoked.stdout))
  const after = await client.getAccessToken({ grant: 'work' }).catch((error: unknown) => error)
  const code = after instanceof GrantdError ? after.code : 'a token'
  stage.show(`the next request is answered: ${code}`)
  stage.check('no token after the revoke', code === 'login_required')
} finally {
  client.close()
  await api.close()
  await world.close()
}
process.exitCode = stage.end()

/** `grantd login`, shown as it prints, and the person at the other end. */
async function logIn(world: World): Promise<void> {
  const { issuer, clientId } = world.issuer
  const args = ['login', 'work', '--issuer', issuer, '--client-id', clientId, '--flow', 'device']
  const rights = ['--scope', 'openid offline_access repo:read repo:write', '--audience', API_A]
  const login = startCommand([...args, ...rights, '--scope-narrowing', 'honored'], world)
  stage.show(`$ grantd ${args.slice(0, 2).join(' ')} …`)
  const address = await login.printed(/(http:\/\/\S+\/device)\s/)
  const userCode = await login.printed(/^\s+([A-Z]{4}-[A-Z]{4})\s*$/m)
  await approveDevice(address, { userCode })
  const { status, stderr, stdout } = await login.ended
  stage.show(stderr + stdout)
  stage.check('the login is complete', status === 0)
}

async function callAtOnce(world: World): Promise<void> {
  const before = world.issuer.counts('refresh_token')
  const tokens = await Promise.all(
    Array.from({ length: CALLERS }, async (_, i) => {
      const one = createClient({
        socketPath: world.sockets.broker,
        name: `caller-${i}`,
        version: '1',
      })
      const token = await one.getAccessToken({ grant: 'work', scope: 'repo:write' })
      one.close()
      return token.accessToken
    }),
  )
  const exchanges = world.issuer.counts('refresh_token') - before
  stage.show(`${tokens.length} tokens, ${exchanges} exchange at the issuer`)
  stage.check(`${CALLERS} callers, one exchange`, exchanges === 1 && new Set(tokens).size === 1)
}

function lastOfEachEvent(log: string): string {
  const entries = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return [...new Map(entries.map((entry) => [entry.event, entry])).values()]
    .map(({ time, event, grant, scope, token, generation, peer }) => {
      const words = [time, event.padEnd(16), grant, scope && `"${scope}"`]
      const facts = { token, generation, pid: peer?.pid }
      const named = Object.entries(facts).map(([name, value]) => value && `${name} ${value}`)
      return [...words, ...named].filter(Boolean).join(' ')
    })
    .join('\n')
}

function shorten(token: string): string {
  const text = token.trim()
  return `${text.slice(0, 20)}…${text.slice(-8)} (${text.length} characters)`
}
