import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AccessToken,
  createClient,
  type GrantdClient,
  GrantdError,
  GrantdUnreachableError,
} from '@grantd/client'
import { claim } from './claim.ts'
import type { Conversation } from './conversation.ts'
import { type RawServer, startRawServer } from './raw-server.ts'
import { SDK_READER } from './sdk-reader.ts'

/** Longer than any answer takes, and over when none comes. */
const TIMEOUT_MS = 5_000

/** A program that asks for tokens at a socket where somebody else answers. */
export const CONVERSATION: Conversation = {
  name: 'client',
  seeds: SDK_READER.seeds,
  words: SDK_READER.words,
  async open() {
    const directory = mkdtempSync(join(tmpdir(), 'g-'))
    const socketPath = join(directory, 's')
    const server = await startRawServer({ path: socketPath })
    return {
      check: async (answer) => await checkClient(server, socketPath, answer),
      async close() {
        await server.close()
        rmSync(directory, { recursive: true })
      },
    }
  },
}

async function checkClient(server: RawServer, socketPath: string, bytes: Buffer): Promise<void> {
  server.answerWith(bytes)
  const client = createClient({ socketPath, timeoutMs: TIMEOUT_MS })
  try {
    // behind one another on one connection
    await Promise.all(['repo:read', 'repo:write'].map((scope) => checkToken(client, scope)))
  } finally {
    client.close()
  }
}

async function checkToken(client: GrantdClient, scope: string): Promise<void> {
  const asked = performance.now()
  let token: AccessToken
  try {
    token = await client.getAccessToken({ grant: 'work', scope })
  } catch (error) {
    const isTyped = error instanceof GrantdError || error instanceof GrantdUnreachableError
    claim(isTyped, `an error of another kind: ${String(error)}`)
    claim(performance.now() - asked < 2 * TIMEOUT_MS, 'it waits beyond its own deadline')
    return
  }
  claim(/^[\x21-\x7e]+$/.test(token.accessToken), 'a token that fits into no header')
}
