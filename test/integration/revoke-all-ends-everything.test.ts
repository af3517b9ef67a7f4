import t from 'tap'
import { API_A, API_B, startOidcIssuer } from '../issuers/oidc-issuer.ts'
import { startWorld, tokenOf } from './world.ts'

t.test('one command ends every grant, also while an issuer stalls', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const other = await startOidcIssuer()
  t.teardown(() => other.close())
  await world.login({ grant: 'work' })
  await world.login({
    grant: 'home',
    audience: [API_B],
    scope: 'openid offline_access issues:read',
  })
  await world.login({ grant: 'stalled', issuer: other.issuer })
  for (const grant of ['work', 'home', 'stalled']) tokenOf(await world.token({ grant }))
  const pending = await world.ask('admin', 'POST', '/v1/logins', {
    body: {
      grant: 'late',
      issuer: world.issuer.issuer,
      client_id: world.issuer.clientId,
      scope: 'openid offline_access repo:read',
      audience: [API_A],
      flow: 'device',
    },
  })
  t.equal(pending.status, 200)
  other.proxy.next({ kind: 'hold' }, 1, '/token/revocation')
  const ending = world.run(['revoke', '--all', '--yes'])
  await other.proxy.held()
  for (const grant of ['work', 'home', 'stalled'])
    t.match(await world.token({ grant }), { status: 401, body: { code: 'login_required' } })
  const facts = async (grant: string) =>
    (await world.ask('admin', 'GET', `/v1/grants/${grant}`)).body?.['verified']
  while (!(await facts('work')) || !(await facts('home')))
    t.equal(await facts('stalled'), false, 'nobody waits for the one that stalls')
  other.proxy.release()
  const { status, stdout, stderr } = await ending
  t.same([status, stderr], [0, ''])
  for (const grant of ['work', 'home', 'stalled'])
    t.match(stdout, new RegExp(`^${grant}: revoked at the issuer, which confirms`, 'm'))
  t.match(stdout, /^pending logins cancelled: 1$/m)
  const ended = world.auditLog().match(/"event":"grant.revoked","peer":\{[^}]*"pid":\d+/g)
  t.equal(ended?.length, 3, 'each is on record, with who asked')
  t.match(await world.run(['revoke', '--all', '--yes']), {
    status: 0,
    stdout: 'no grant was left to end\n',
  })
})

t.test('without a terminal it needs a clear word', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  t.match(await world.run(['revoke', '--all']), { status: 2, stderr: /needs --yes/ })
  tokenOf(await world.token({ grant: 'work' }))
})
