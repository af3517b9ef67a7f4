import { chmodSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CapabilityDetail, CapabilityRequest } from '@grantd/client/protocol'
import type { Test } from 'tap'
import { askSocket, type SocketAnswer } from '../fakes/ask-socket.ts'
import { API_A, API_B } from '../issuers/oidc-issuer.ts'
import { startWorld, type World, type WorldOptions } from './world.ts'

/** A world that holds the grant `work`, for two APIs. */
export async function worldWithGrant(t: Test, options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options)
  t.teardown(() => world.close())
  await world.login({ audience: [API_A, API_B] })
  return world
}

/** Adds one; throws what came instead. */
export async function add(
  world: World,
  more: Partial<CapabilityRequest> = {},
): Promise<CapabilityDetail> {
  const body = { name: 'ci', grant: 'work', scope: 'repo:read', ...more }
  const answer = await world.ask('admin', 'POST', '/v1/capabilities', { body })
  if (answer.status !== 200) throw new Error(`no capability: ${answer.text}`)
  return answer.body as unknown as CapabilityDetail
}

/** `POST /v1/token` on the socket of a capability. */
export const token = (path: string, body: object = {}): Promise<SocketAnswer> =>
  askSocket(path, 'POST', '/v1/token', body)

/** Nothing listens there any more. */
export async function isGone(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
    socket.unref()
  })
}

/** Waits for that. */
export async function untilGone(path: string): Promise<void> {
  for (let tries = 0; !(await isGone(path)); tries += 1) {
    if (tries > 250) throw new Error(`something still listens at ${path}`)
    await pause(20)
  }
}

/** Grants outlive a restart, under the key of a service credential. */
export function kept(t: Test): WorldOptions {
  const credentials = t.testdir({ 'grantd-sealing-key': 'a1'.repeat(32) })
  chmodSync(join(credentials, 'grantd-sealing-key'), 0o400)
  return {
    config: '[vault]\nsealing_key = "credential-file"\n',
    environment: { CREDENTIALS_DIRECTORY: credentials },
  }
}

/** What a capability answers to whoever wants more. */
export const denied = { status: 403, json: { code: 'access_denied' } }
