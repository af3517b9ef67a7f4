import { startBrowserLogin } from './browser-login.ts'
import { deleteClient } from './delete-client.ts'
import { startDeviceLogin } from './device-login.ts'
import { discoverIssuer } from './discover.ts'
import type { IssuerRoom } from './exchange.ts'
import { introspectToken } from './introspect-token.ts'
import type { Issuers } from './issuer.ts'
import { exchangeRefreshToken } from './refresh-exchange.ts'
import { registerClient } from './register-client.ts'
import { revokeToken } from './revoke-token.ts'
import { takeStatedMetadata } from './stated-metadata.ts'

/** What the wiring says about issuers. */
export interface IssuersOptions extends IssuerRoom {
  /** What a person reads in an issuer's list of clients, where we register one. */
  readonly clientName: string
}

/**
 * The daemon's issuers, by openid-client. Nothing is loaded or sent before the
 * first call; a call rejects only with what a caller's own `keepSuccessor` threw.
 */
export function createIssuers(options: IssuersOptions): Issuers {
  return {
    discover: (issuer) => discoverIssuer(options, issuer),
    stated: (metadata) => takeStatedMetadata(metadata, options.allowLoopbackHttp),
    refresh: (request) => exchangeRefreshToken(options, request),
    startDeviceLogin: (ask) => startDeviceLogin(options, ask),
    startBrowserLogin: (ask) => startBrowserLogin(options, ask),
    revoke: (client, token, hint) => revokeToken(options, client, token, hint),
    register: (metadata, token) => registerClient(options, options.clientName, metadata, token),
    deleteClient: (uri, token) => deleteClient(options, uri, token),
    introspect: (client, token, hint) => introspectToken(options, client, token, hint),
  }
}
