import t from 'tap'
import { changeVault, vaultStatus } from '../../cli/vault-status.ts'
import { LOCKED_VAULT, VAULT } from '../fakes/cli-answers.ts'
import { ok } from '../fakes/cli-daemon.ts'
import { scene } from '../fakes/cli-session.ts'

t.test('the vault is asked for, and changed once', async (t) => {
  const { world, daemon } = await scene(t, {
    'admin GET /v1/vault': () => ok(VAULT),
    'admin POST /v1/vault/lock': () => ok(LOCKED_VAULT),
    'admin POST /v1/vault/rekey': () => ok({}),
  })
  const admin = world.connect('admin')
  t.same(await vaultStatus(admin), VAULT)
  t.same(await changeVault(admin, 'lock'), LOCKED_VAULT)
  await t.rejects(changeVault(admin, 'rekey', { provider: 'keychain' }), /no "state"/)
  t.same(daemon.seen.at(-1)?.body, { provider: 'keychain' })
  const calls: unknown[] = []
  const kept = { request: async (call: unknown) => calls.push(call) && VAULT }
  await changeVault(kept, 'unlock', {})
  t.match(calls, [{ once: true, timeoutMs: 120_000 }], 'a wrong passphrase counts but once')
})
