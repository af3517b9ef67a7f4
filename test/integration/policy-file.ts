import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Answer, World } from './world.ts'

/** A change of the files holds a second later; timers may ring a moment early. */
const CHANGE_MS = 1_010

/** What every configuration of these tests needs. */
const HEAD = '[vault]\nsealing_key = "memory"\n'

/** Puts a configuration in its place in one step, as an editor does. */
export function writePolicy(world: World, rules: string, head = HEAD): void {
  const next = join(world.directory, 'next.toml')
  writeFileSync(next, `${head}${rules}`, { mode: 0o600 })
  renameSync(next, join(world.directory, 'config.toml'))
}

/** Asks once a change must hold. */
export async function afterChange(ask: () => Promise<Answer>): Promise<Answer> {
  await setTimeout(CHANGE_MS)
  return await ask()
}

/** Lines of the audit log with this event, oldest first. */
export function recordsOf(
  world: World,
  event: string,
): readonly Readonly<Record<string, unknown>>[] {
  return world
    .auditLog()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((record) => record['event'] === event)
}
