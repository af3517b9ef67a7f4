/** Everything openid-client exports; this file alone names it. */
export type OAuthLibrary = typeof import('openid-client')

export type { Configuration, CustomFetch } from 'openid-client'

let loading: Promise<OAuthLibrary> | undefined

/**
 * Loads openid-client, which takes 26 ms: not before a daemon listens, and soon after, as an
 * update takes away the files of one that runs.
 */
export function loadOAuthLibrary(): Promise<OAuthLibrary> {
  loading ??= import('openid-client')
  return loading
}
