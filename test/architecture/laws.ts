import type { Laws } from './rules.ts'

/** The law of this tree. To change it, change it here and say why in the commit. */
export const LAWS: Laws = {
  floors: [
    ['base', 'platform'],
    ['config', 'peer', 'grant'],
    ['listener', 'policy', 'token', 'vault', 'issuer', 'audit', 'consent'],
    ['refresh'],
    ['broker'],
    ['api'],
    ['daemon.ts'],
    ['main.ts'],
  ],
  folders: {
    'client-sdk': [],
    daemon: ['@grantd/client/protocol'],
    cli: ['@grantd/client'],
    integrations: ['@grantd/client'],
  },
  doors: { 'cli/serve.ts': 'daemon/main.ts' },
  outside: {
    '@github/keytar': ['daemon/platform/keychain-child.ts'],
    fastify: [
      'daemon/api/routes/grant-names.ts',
      'daemon/api/routes/grants.ts',
      'daemon/api/routes/health.ts',
      'daemon/api/routes/logins.ts',
      'daemon/api/routes/revoke.ts',
      'daemon/api/routes/status.ts',
      'daemon/api/routes/token.ts',
      'daemon/api/server.ts',
      'daemon/daemon.ts',
    ],
    koffi: ['daemon/platform/libc.ts'],
    'lru-cache': ['daemon/token/token-cache.ts'],
    pino: ['daemon/base/log.ts'],
    'smol-toml': ['daemon/config/locate-key.ts', 'daemon/config/parse-config.ts'],
  },
}
