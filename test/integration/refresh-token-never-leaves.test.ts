import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FAULTS } from '../issuers/faulty-proxy.ts'
import { startWorld, type World } from './world.ts'

/** All bytes that left the daemon and can be read without a key. */
async function everythingThatLeft(world: World, answers: readonly string[]): Promise<string> {
  const files = readdirSync(world.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(world.directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
  return [...answers, world.output(), ...files].join('\n')
}

/** The token itself, and how it would look inside JSON, a URL or base64. */
function disguises(token: string): readonly string[] {
  const bytes = Buffer.from(token)
  return [
    token,
    encodeURIComponent(token),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
}
