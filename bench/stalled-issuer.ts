import { FULL_SCOPE, startWorld } from '../test/integration/world.ts'
import { API_A, startOidcIssuer } from '../test/issuers/oidc-issuer.ts'
import { asker } from './cached-token.ts'
import type { RowGroup } from './row.ts'

/** Each exchange asks for a scope that nobody asked for before, so that no cache answers. */
const SCOPES = Array.from({ length: 300 }, (_, at) => `part:${at}`)

/**
 * What the callers of other grants notice while an issuer does not answer: it stalls for as
 * long as they are measured, with an exchange under way, and their own issuer is well.
 */
export async function stalledIssuerRows(): Promise<RowGroup> {
  const options = { accessTokenSeconds: 3600, moreScopes: SCOPES }
  const world = await startWorld({ issuer: options })
  const well = await startOidcIssuer(options)
  const scope = `${FULL_SCOPE} ${SCOPES.join(' ')}`
  await world.login({ grant: 'stalled', scope, audience: [API_A] })
  const elsewhere = { issuer: well.issuer, client_id: well.clientId, scope, audience: [API_A] }
  await world.login({ grant: 'work', ...elsewhere })
  const { proxy } = world.issuer
  const stalledScopes = SCOPES.values()
  const scopes = SCOPES.values()
  const during = async (): Promise<() => Promise<void>> => {
    proxy.next({ kind: 'hold' })
    const stalled = world.token({ grant: 'stalled', scope: stalledScopes.next().value })
    await proxy.held()
    return async () => {
      proxy.release()
      await stalled
    }
  }
  const exchange = async (): Promise<void> => {
    const { status, text } = await world.token({ grant: 'work', scope: scopes.next().value })
    if (status !== 200) throw new Error(text)
  }
  const cached = asker(world.sockets.broker)
  const against = 'the same while it answers'
  return {
    rows: [
      {
        name: 'stall',
        what: 'cached token of another grant while an issuer stalls, p50',
        against,
        goal: 1.1,
        pair: { ours: cached, baseline: cached, calls: 1_000, during },
      },
      {
        name: 'stall-exchange',
        what: 'exchange of another grant while an issuer stalls, p50',
        against,
        goal: 1.1,
        pair: { ours: exchange, baseline: exchange, calls: 15, during },
      },
    ],
    async close() {
      await world.close()
      await well.close()
    },
  }
}
