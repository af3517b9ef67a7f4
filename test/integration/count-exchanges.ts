import { tokenHash } from '../../daemon/base/token-hash.ts'
import { API_A } from '../issuers/oidc-issuer.ts'
import { FULL_SCOPE, startWorld, tokenOf } from './world.ts'

/** What many callers at once cost an issuer. */
export interface ExchangeCount {
  readonly what: string
  readonly callers: number
  /** Callers that got a token. */
  readonly served: number
  readonly exchanges: number
}

/** As many as start at once when an editor, its helpers and a build all wake up. */
const CALLERS = 64

/**
 * Counts the exchanges that the issuer sees: for callers whose token was refused and who
 * all want another, for callers who all want the same, and for callers who all want
 * something else.
 */
export async function countExchanges(): Promise<readonly ExchangeCount[]> {
  const scopes = Array.from({ length: CALLERS }, (_, at) => `part:${at}`)
  const world = await startWorld({ issuer: { accessTokenSeconds: 3600, moreScopes: scopes } })
  const count = async (what: string, requests: readonly object[]): Promise<ExchangeCount> => {
    const before = world.issuer.counts('refresh_token')
    const answers = await Promise.all(requests.map((request) => world.token(request)))
    const served = answers.filter(({ status }) => status === 200).length
    const exchanges = world.issuer.counts('refresh_token') - before
    return { what, callers: requests.length, served, exchanges }
  }
  try {
    await world.login({ scope: `${FULL_SCOPE} ${scopes.join(' ')}`, audience: [API_A] })
    const refused = tokenOf(await world.token({ grant: 'work', scope: 'repo:write' }))
    const rejected = tokenHash(refused.access_token)
    return [
      await count(
        'forcing a refresh of the same token',
        scopes.map(() => ({ grant: 'work', scope: 'repo:write', rejected })),
      ),
      await count(
        'each asking for the same scope',
        scopes.map(() => ({ grant: 'work', scope: 'repo:read' })),
      ),
      await count(
        'each asking for another scope',
        scopes.map((scope) => ({ grant: 'work', scope })),
      ),
    ]
  } finally {
    await world.close()
  }
}
