import { startBrowserLogin } from './browser-login.ts'
import { startDeviceLogin } from './device-login.ts'
import { discoverIssuer } from './discover.ts'
import type { IssuerRoom } from './exchange.ts'
import { introspectToken } from './introspect-token.ts'
import type { Issuers } from './issuer.ts'
import { exchangeRefreshToken } from './refresh-exchange.ts'
import { revokeToken } from './revoke-token.ts'

/** What the wiring says about issuers. */
export type IssuersOptions = IssuerRoom

/**
 * The daemon's issuers, by openid-client. Nothing is loaded or sent before the
 * first call; a call rejects only with what a caller's own `keepSuccessor` threw.
 */
export function createIssuers(options: IssuersOptions): Issuers {
  return {
    discover: (issuer) => discoverIssuer(options, issuer),
    refresh: (request) => exchangeRefreshToken(options, request),
    startDeviceLogin: (ask) => startDeviceLogin(options, ask),
    startBrowserLogin: (ask) => startBrowserLogin(options, ask),
    revoke: (client, token, hint) => revokeToken(options, client, token, hint),
    introspect: (client, token, hint) => introspectToken(options, client, token, hint),
  }
}
