/** `application/problem+json`, RFC 9457. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly retry_after?: number
  readonly hint?: string
  /** The pending login of the grant; admin listener only. */
  readonly login?: {
    readonly verification_uri?: string
    readonly user_code?: string
  }
}
