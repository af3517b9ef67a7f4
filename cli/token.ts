import { GrantdUnreachableError } from '@grantd/client/connection'
import type { TokenRequest, TokenResponse } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Help } from './command.ts'
import { grantName, noMore } from './grant-name.ts'
import { JSON_OPTION, type Parsed, parseOptions } from './options.ts'
import { UsageError } from './usage-error.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd token GRANT [OPTION]...',
  about: [
    'Prints an access token of the grant and a newline on stdout, and nothing else there.',
    'Instead of the name, --issuer finds the only grant at that issuer.',
  ],
  example: {
    line: `printf 'Authorization: Bearer %s' "$(grantd token work)" | curl -H @- https://api.example/me`,
    text: 'call an API; the token stands in no command line',
  },
}

export const OPTIONS = {
  issuer: { type: 'string', value: 'URL', text: 'take the only grant at this issuer' },
  scope: {
    type: 'string',
    multiple: true,
    value: 'SCOPE',
    text: 'only these (after login --scope-narrowing honored); repeat it, or use spaces',
  },
  audience: { type: 'string', value: 'URI', text: 'the API the token is for (RFC 8707)' },
  'min-ttl': {
    type: 'string',
    value: 'SECONDS',
    text: "how long it must live, 0 to 86400, as far as the issuer's lifetimes allow",
  },
  purpose: { type: 'string', value: 'TEXT', text: 'what it is for; kept in the audit log' },
  'rejected-stdin': {
    type: 'boolean',
    text: 'get another token than the one on stdin; only its SHA-256 is sent',
  },
  json: JSON_OPTION,
} as const

/** `grantd token`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  const body = tokenRequest(values, positionals)
  const rejected = values['rejected-stdin'] === true ? await hashOfRejected(world) : {}
  const token = answer<TokenResponse>(
    await world
      .connect('broker')
      .request({ method: 'POST', path: '/v1/token', body: { ...body, ...rejected } }),
    'access_token',
  )
  refuseUnsafe(token.access_token)
  world.stdout.write(values.json === true ? await inJson(token) : `${token.access_token}\n`)
  return 0
}

/** Loaded only now: most callers want the token alone, and at once. */
async function inJson(token: TokenResponse): Promise<string> {
  const { jsonLine } = await import('./printable.ts')
  return jsonLine(token)
}

/** The request the command line asks for. @throws UsageError */
export function tokenRequest(
  values: Parsed<typeof OPTIONS>['values'],
  positionals: readonly string[],
): TokenRequest {
  noMore(positionals, 1)
  const [name] = positionals
  if (name !== undefined && values.issuer !== undefined) {
    throw new UsageError('give the name of a grant or --issuer, not both')
  }
  const minTtl = values['min-ttl']
  if (minTtl !== undefined && !(/^\d{1,5}$/.test(minTtl) && Number(minTtl) <= 86_400)) {
    throw new UsageError('--min-ttl takes whole seconds, 0 to 86400')
  }
  return {
    ...(values.issuer === undefined ? { grant: grantName(name) } : { issuer: values.issuer }),
    ...(values.scope === undefined ? {} : { scope: values.scope.join(' ') }),
    ...(values.audience === undefined ? {} : { audience: values.audience }),
    ...(minTtl === undefined ? {} : { min_ttl: Number(minTtl) }),
    ...(values.purpose === undefined ? {} : { purpose: values.purpose }),
  }
}

async function hashOfRejected(world: World): Promise<Pick<TokenRequest, 'rejected'>> {
  const { readSecret } = await import('./read-secret.ts')
  const { createHash } = await import('node:crypto')
  const token = await readSecret(world.stdin, 'the refused token')
  return { rejected: createHash('sha256').update(token).digest('base64url') }
}

/**
 * Goes into headers and shell substitutions, where a line break would be an
 * injection. @see RFC 6749 appendix A.12 (`VSCHAR`)
 */
function refuseUnsafe(token: unknown): void {
  if (typeof token !== 'string' || !/^[\x20-\x7e]+$/.test(token)) {
    throw new GrantdUnreachableError('malformed', 'what the daemon sent is not an access token')
  }
}
