import type { TokenResponse } from '@grantd/client/protocol'

/**
 * An answer as JSON, with the members that its schema names and no others. Written out by
 * hand: it is the one answer that callers wait for all day.
 */
export function formatTokenAnswer(answer: TokenResponse): string {
  const { access_token, token_type, expires_in, scope, audience, grant, generation } = answer
  const forAudience = audience === undefined ? '' : `,"audience":${JSON.stringify(audience)}`
  return `{"access_token":${JSON.stringify(access_token)},"token_type":${JSON.stringify(token_type)},"expires_in":${JSON.stringify(expires_in)},"scope":${JSON.stringify(scope)}${forAudience},"grant":${JSON.stringify(grant)},"generation":${JSON.stringify(generation)}}`
}
