import { GrantdConnection, GrantdError } from '@grantd/client'
import type { Test } from 'tap'
import type { World } from './world.ts'

/** What came of one request: its code, or the scope of the token. */
export interface KeptAnswer {
  readonly code?: string
  readonly scope?: string
}

/**
 * Asks for tokens on one connection, as a program does that stays: what the daemon knows of
 * the caller, and what it remembers of that, lives as long as its connection.
 */
export function keptConnection(t: Test, world: World): (request: object) => Promise<KeptAnswer> {
  const { broker: socketPath } = world.sockets
  const connection = new GrantdConnection({ name: 'kept', version: '1', socketPath })
  t.teardown(() => connection.close())
  return async (body) => {
    try {
      return (await connection.request({ method: 'POST', path: '/v1/token', body })) as KeptAnswer
    } catch (error) {
      if (error instanceof GrantdError) return { code: error.code }
      throw error
    }
  }
}
