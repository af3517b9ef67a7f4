import t from 'tap'
import { earlierLogin } from '../../cli/earlier-login.ts'
import { GRANT } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { scene } from '../fakes/cli-session.ts'

const SHOW = 'admin GET /v1/grants/work'

t.test('a login that is done again asks for what the one before got', async (t) => {
  const { world } = await scene(t, { [SHOW]: () => ok(GRANT) })
  t.same(await earlierLogin(world, 'work'), {
    issuer: 'https://as.example',
    client_id: 'cli',
    flow: 'device',
    scope: 'openid repo:read repo:write',
    audience: ['https://api.example'],
    scope_narrowing: 'honored',
  })
})

t.test('what the login stated of its issuer goes with it, a deleted client does not', async (t) => {
  const stated = { rotation_grace: 30, refresh_invalidates_access_tokens: true } as const
  const gone = { ...GRANT, ...stated, scopes: {}, audiences: [], registered_client: 'deleted' }
  const { world } = await scene(t, { [SHOW]: () => ok(gone) })
  t.same(await earlierLogin(world, 'work'), {
    issuer: 'https://as.example',
    flow: 'device',
    scope_narrowing: 'honored',
    ...stated,
  })
})

t.test('where there was none, nothing is taken over; any other refusal counts', async (t) => {
  const none = await scene(t, { [SHOW]: () => problem('unknown_grant', 'no grant "work"') })
  t.equal(await earlierLogin(none.world, 'work'), undefined)
  const locked = await scene(t, { [SHOW]: () => problem('vault_locked', 'the vault is locked') })
  await t.rejects(earlierLogin(locked.world, 'work'), { code: 'vault_locked' })
})

t.test('what a preset said is asked of it again', async (t) => {
  const preset = { preset: 'gitlab', preset_values: { host: 'a.example' } }
  const { world } = await scene(t, { [SHOW]: () => ok({ ...GRANT, ...preset }) })
  const taken = await earlierLogin(world, 'work')
  t.match(taken, preset)
  t.equal(taken?.issuer, undefined)
})
