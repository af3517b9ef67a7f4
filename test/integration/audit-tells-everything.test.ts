import { execFileSync } from 'node:child_process'
import t from 'tap'
import { needs } from '../needs.ts'
import { startWorld, type World } from './world.ts'

const PASSPHRASE = 'correct horse battery'

/** Events on the log at this moment. */
const eventsOf = (world: World): string[] =>
  [...world.auditLog().matchAll(/"event":"([a-z_.]+)"/g)].map(([, event]) => event ?? '')

t.test('whatever is answered is on the log by then', async (t) => {
  const world = await startWorld({ config: '[vault]\nsealing_key = "passphrase"\n' })
  t.teardown(() => world.close())
  /** Asks, and says which events the answer found on the log. */
  const told = async (work: () => Promise<unknown>): Promise<string[]> => {
    const before = eventsOf(world).length
    await work()
    return eventsOf(world).slice(before)
  }
  const admin = (method: string, path: string, body?: object) => () =>
    world.ask('admin', method, path, body === undefined ? {} : { body })
  const init = { provider: 'passphrase', passphrase: PASSPHRASE }
  t.same(await told(admin('POST', '/v1/vault/init', init)), [
    'vault.init_begun',
    'vault.initialised',
  ])
  t.same(await told(() => world.login()), ['login.started', 'login.answered', 'login.completed'])
  const first = await told(() => world.token({ grant: 'work', scope: 'repo:read' }))
  t.same(first, ['grant.refresh_begun', 'grant.refreshed', 'token.issued'])
  t.same(await told(() => world.token({ grant: 'work', scope: 'repo:read' })), ['token.issued'])
  t.same(await told(() => world.token({ grant: 'work', scope: 'admin:all' })), ['token.denied'])
  t.same(await told(() => world.token({ grant: 'nobody' })), ['token.denied'])
  t.same(await told(admin('POST', '/v1/vault/lock')), ['vault.locked'])
  t.same(await told(() => world.token({ grant: 'work' })), ['token.denied'])
  t.same(await told(admin('POST', '/v1/vault/unlock', { passphrase: 'wrong one' })), [
    'vault.unlock_failed',
  ])
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  t.same(await told(admin('POST', '/v1/vault/unlock', { passphrase: PASSPHRASE })), [
    'vault.unlocked',
  ])
  t.ok((await told(admin('POST', '/v1/grants/work/revoke'))).includes('grant.revoked'))
  await world.restart()
  t.same(eventsOf(world).slice(-3), ['daemon.stopped', 'audit.sealed', 'daemon.started'])
  const { status } = await world.run(['audit', 'verify'])
  t.equal(status, 0)
})

t.test(
  'what cannot be put on record is not handed out, and then it is again',
  needs('prlimit'),
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    await world.login()
    t.equal((await world.token({ grant: 'work' })).status, 200)
    const limit = (bytes: string): void =>
      void execFileSync('/usr/bin/prlimit', [
        '--pid',
        String(world.daemonPid()),
        `--fsize=${bytes}:`,
      ])
    limit('100')
    t.match(await world.token({ grant: 'work' }), {
      status: 503,
      body: { code: 'audit_unavailable' },
    })
    limit('unlimited')
    t.equal((await world.token({ grant: 'work' })).status, 200)
    const { status } = await world.run(['audit', 'verify'])
    t.equal(status, 0)
  },
)
