import type { Secret } from '../base/secret.ts'
import { beginExchange, type IssuerRoom, keepNothing } from './exchange.ts'
import type { IntrospectionAnswer, IssuerClient, TokenHint } from './issuer.ts'
import { failureReason } from './issuer-failure.ts'

/**
 * Asks the issuer whether it still honours a token, RFC 7662. Of the answer `active`
 * alone is read; whatever is no clear answer is a failure and never an `inactive`.
 */
export async function introspectToken(
  room: IssuerRoom,
  client: IssuerClient,
  token: Secret,
  hint: TokenHint,
): Promise<IntrospectionAnswer> {
  if (client.metadata.introspection_endpoint === undefined) return { kind: 'unavailable' }
  const { library, configuration, trace } = await beginExchange(room, client, keepNothing)
  let isActive: boolean | undefined
  try {
    const said = await library.tokenIntrospection(configuration, token.reveal(), {
      token_type_hint: hint,
    })
    // the library looks at no content type here, and a page of a portal is no answer
    if (trace.isJson) isActive = said.active
  } catch {
    // On purpose without a name: the error may hold the answer, and the trace knows the reason.
  }
  if (isActive === undefined) return { kind: 'failed', reason: failureReason(trace) }
  return { kind: isActive ? 'active' : 'inactive' }
}
