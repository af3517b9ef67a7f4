import { Secret } from '../../daemon/base/secret.ts'
import type { Grant } from '../../daemon/grant/grant.ts'
import type { GrantRecord } from '../../daemon/grant/grant-record.ts'
import type { Peer } from '../../daemon/peer/peer.ts'

/** The first API of a sample grant; its default audience. */
export const API = 'https://api.example'

/** The issuer of every sample grant. */
export const ISSUER = 'https://issuer.example'

/** An active grant as a login left it, but for what a test says. */
export function sampleGrant(changes: Partial<Grant> = {}): Grant {
  return {
    id: 'grant-1',
    name: 'work',
    clientId: 'client',
    metadata: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` },
    flow: 'device',
    scopeNarrowing: 'honored',
    refreshInvalidatesAccessTokens: false,
    scopes: { [API]: ['repo:read', 'repo:write'] },
    audiences: [API],
    generation: 1,
    state: { kind: 'active' },
    createdAt: Date.UTC(2029, 0, 1),
    accessTokensExpireAt: 0,
    ...changes,
  }
}

/** A sample grant with its refresh token, `rt-1` unless a test says otherwise. */
export function sampleRecord(changes: Partial<Grant> = {}, refreshToken = 'rt-1'): GrantRecord {
  return { grant: sampleGrant(changes), refreshToken: Secret.fromText(refreshToken) }
}

/** A process of the owner, beside the daemon. */
export function samplePeer(changes: Partial<Peer> = {}): Peer {
  return {
    uid: 1000,
    gid: 1000,
    pid: 4242,
    startTime: '77',
    executable: '/usr/bin/tool',
    class: 'local',
    ...changes,
  }
}
