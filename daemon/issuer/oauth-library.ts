/** Everything openid-client exports; this file alone names it. */
export type OAuthLibrary = typeof import('openid-client')

export type { Configuration, CustomFetch } from 'openid-client'

let loading: Promise<OAuthLibrary> | undefined

/**
 * Loads openid-client at the first use: it takes 26 ms, which a daemon that
 * only serves cached tokens never spends.
 */
export function loadOAuthLibrary(): Promise<OAuthLibrary> {
  loading ??= import('openid-client')
  return loading
}
