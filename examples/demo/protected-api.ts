import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, jwtVerify } from 'jose'

/** A small API that lives off access tokens, as any resource server does. */
export interface ProtectedApi {
  /** `http://127.0.0.1:port`. */
  readonly origin: string
  close(): Promise<void>
}

/** What each method of the API needs. */
const SCOPES: Readonly<Record<string, string>> = { GET: 'repo:read', POST: 'repo:write' }

/**
 * Verifies each token's signature, issuer, audience and scope, and says no the way
 * RFC 6750 §3 wants it.
 */
export async function startProtectedApi(options: {
  readonly issuer: string
  readonly audience: string
}): Promise<ProtectedApi> {
  const { issuer, audience } = options
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const judge = async (request: IncomingMessage): Promise<{ status: number; text: string }> => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return { status: 401, text: 'no token' }
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' })
      const needed = SCOPES[request.method ?? ''] ?? 'nothing gives this'
      const scope = String(payload['scope'])
      if (scope.split(' ').includes(needed))
        return { status: 200, text: `hello ${payload.sub}, your token says "${scope}"` }
      return { status: 403, text: `insufficient_scope: this needs "${needed}"` }
    } catch (error) {
      return { status: 401, text: `invalid_token: ${(error as { code?: string }).code}` }
    }
  }
  const server = createServer((request, response) => {
    void judge(request).then(({ status, text }) =>
      response.writeHead(status, { 'content-type': 'text/plain' }).end(text),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
