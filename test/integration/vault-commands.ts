import type { VaultStatus } from '@grantd/client/protocol'
import type { Run } from './command.ts'
import { startWorld, type World, type WorldOptions } from './world.ts'

/** A passphrase that no other text of a test contains. */
export const PASSPHRASE = 'Correct-Höhle-Battery'

/** Runs `grantd` with a passphrase on its stdin. */
export async function withPassphrase(
  world: World,
  passphrase: string,
  ...args: readonly string[]
): Promise<Run> {
  return await world.run([...args, '--passphrase-stdin'], `${passphrase}\n`)
}

/** `grantd vault status --json`. */
export async function vaultOf(world: World): Promise<VaultStatus> {
  return (await world.ask('admin', 'GET', '/v1/vault')).body as unknown as VaultStatus
}

/** A daemon whose vault has just got this passphrase. */
export async function startPassphraseWorld(
  passphrase = PASSPHRASE,
  options: WorldOptions = {},
): Promise<World> {
  const world = await startWorld({ ...options, config: '[vault]\nsealing_key = "passphrase"\n' })
  const made = await withPassphrase(world, passphrase, 'vault', 'init')
  if (made.status !== 0) throw new Error(`no vault: ${made.stderr}`)
  return world
}
