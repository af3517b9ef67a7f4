import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { API_B } from '../issuers/oidc-issuer.ts'
import { vaultOf, withPassphrase } from './vault-commands.ts'
import { tokenOf, type World } from './world.ts'

/** Two grants that work, and one that is over. */
export async function severalGrants(world: World): Promise<void> {
  await world.login()
  const scope = 'openid offline_access issues:read'
  await world.login({ grant: 'other', audience: [API_B], scope })
  await world.login({ grant: 'over' })
  await world.ask('admin', 'POST', '/v1/grants/over/revoke')
}

/** Every grant does what it did, by an exchange that no cache can hide. */
export async function everyGrantWorks(t: Test, world: World): Promise<void> {
  const before = world.issuer.counts('refresh_token')
  for (const grant of ['work', 'other']) tokenOf(await world.token({ grant }))
  t.equal(world.issuer.counts('refresh_token'), before + 2, 'both were exchanged')
  t.match(await world.token({ grant: 'over' }), { body: { code: 'login_required' } })
  t.match(await vaultOf(world), { state: 'open', records: 3, broken: [], rekey_unfinished: false })
}

/** The sealed files by name. */
export function sealedFiles({ directory }: World): ReadonlyMap<string, Buffer> {
  const grants = join(directory, 'state', 'grantd', 'grants')
  return new Map(readdirSync(grants).map((name) => [name, readFileSync(join(grants, name))]))
}

/** A wrong passphrase makes the next one wait. */
export async function unlock(world: World, passphrase: string): Promise<number | null> {
  for (;;) {
    const { status } = await withPassphrase(world, passphrase, 'unlock')
    if (status !== 75) return status
    await pause(300)
  }
}
