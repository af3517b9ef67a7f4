import type { ProviderContext } from 'oidc-provider'
import { tokenHash } from '../../daemon/base/token-hash.ts'

/** One request the issuer itself saw at its token endpoint: a request lost on the way is not here. */
export interface TokenRequestSeen {
  readonly grantType: string
  readonly status: number
  readonly clientId: string | undefined
  /** Whose grant it was about; absent when the provider did not get as far as that. */
  readonly account: string | undefined
  /** Error code of the answer. */
  readonly error: string | undefined
  /** `tokenHash` of the refresh token of the request. */
  readonly refreshTokenHash: string | undefined
  /** `tokenHash` of the refresh token of the answer. */
  readonly successorHash: string | undefined
  readonly scope: string | undefined
  readonly resource: string | undefined
  /** The refresh token was used before, and the answer is the one of that time. */
  readonly isRepeated: boolean
}

/** What the log keeps of a token request that the provider has answered. */
export function seenAtTokenEndpoint(context: ProviderContext): TokenRequestSeen {
  const { body, status, oidc } = context
  return {
    ...formSeen((name) => text(oidc?.params?.[name])),
    status,
    clientId: oidc?.client?.clientId,
    account: oidc?.account?.accountId,
    error: text(member(body, 'error')),
    successorHash: hashed(text(member(body, 'refresh_token'))),
    isRepeated: false,
  }
}

/** What the log keeps of the form itself. */
export function formSeen(
  parameter: (name: string) => string | undefined,
): Pick<TokenRequestSeen, 'grantType' | 'refreshTokenHash' | 'scope' | 'resource'> {
  return {
    grantType: parameter('grant_type') ?? '',
    refreshTokenHash: hashed(parameter('refresh_token')),
    scope: parameter('scope'),
    resource: parameter('resource'),
  }
}

function hashed(token: string | undefined): string | undefined {
  return token === undefined ? undefined : tokenHash(token)
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
