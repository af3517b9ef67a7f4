import type {
  BreakGlassDetail,
  CapabilityDetail,
  GrantDetail,
  LoginView,
  Status,
  TokenResponse,
  VaultStatus,
} from '@grantd/client/protocol'

/** A token as the daemon hands it out. */
export const TOKEN: TokenResponse = {
  access_token: 'at-1',
  token_type: 'Bearer',
  expires_in: 287,
  scope: 'repo:read',
  grant: 'work',
  generation: 7,
}

/** What is said of the revocation of a grant that lives. */
export const NOT_REVOKED = {
  revocation: 'none',
  verified: false,
  access_tokens: { revoked: 0, unsupported: 0, failed: 0 },
} as const

/** An active grant with scopes of its own and for one API. */
export const GRANT: GrantDetail = {
  grant: 'work',
  state: 'active',
  issuer: 'https://as.example',
  client_id: 'cli',
  subject: 'ada',
  flow: 'device',
  scopes: { '': 'openid', 'https://api.example': 'repo:read repo:write' },
  audiences: ['https://api.example'],
  scope_narrowing: 'honored',
  generation: 7,
  created_at: '2029-12-31T23:00:00Z',
  last_used_at: '2029-12-31T23:57:00Z',
  ...NOT_REVOKED,
}

/** A capability that was used twice. */
export const CAPABILITY: CapabilityDetail = {
  name: 'ci',
  grant: 'work',
  scope: 'repo:read',
  audience: 'https://api.example',
  max_ttl: 300,
  used: 2,
  uses: 10,
  created_at: '2030-01-01T00:00:00Z',
  expires_at: '2030-01-01T12:00:00Z',
  path: '/run/user/1000/grantd/capability/ci.sock',
}

/** A login by the device flow that nobody has touched yet. */
export const DEVICE_LOGIN: LoginView = {
  id: 'abcdefghijklmnopqrstuv',
  grant: 'work',
  flow: 'device',
  state: 'pending',
  joined: false,
  verification_uri: 'https://as.example/device',
  verification_uri_complete: 'https://as.example/device?user_code=WDJB-MJHT',
  user_code: 'WDJB-MJHT',
  expires_in: 600,
}

/** A healthy daemon. */
export const STATUS: Status = {
  status: 'ok',
  version: '0.1.0',
  pid: 4242,
  started_at: '2029-12-31T21:50:00Z',
  vault: { kind: 'sealed', detail: 'the key is in the login keychain' },
  config: { path: '/home/ada/.config/grantd/config.toml' },
  grants: 3,
  pending_logins: 1,
  activation: 'none',
  sockets: {
    broker: '/run/user/1000/grantd/broker.sock',
    admin: '/run/user/1000/grantd/admin.sock',
  },
  connections: { open: 2, refused_peers: 0 },
  counters: { tokens_issued: 12, refreshes: 3 },
  recent_anomalies: [],
}

/** Rules that are lifted for a quarter of an hour. */
export const BROKEN_GLASS: BreakGlassDetail = {
  grant: 'work',
  class: 'local',
  reason: 'roll back',
  lifted: ['no writing'],
  started_at: '2030-01-01T00:00:00Z',
  seconds_left: 845,
  used: 2,
}

/** An open vault whose key a passphrase keeps. */
export const VAULT: VaultStatus = {
  state: 'open',
  provider: 'passphrase',
  key_id: '0123456789abcdef',
  records: 3,
  broken: [],
  rekey_unfinished: false,
}

/** The same, locked by the person. */
export const LOCKED_VAULT: VaultStatus = {
  ...VAULT,
  state: 'locked',
  locked_by: 'person',
  needs: 'passphrase',
  reason: 'you locked the vault',
  hint: 'grantd unlock',
}
