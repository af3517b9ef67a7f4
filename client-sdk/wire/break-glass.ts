/** Whose requests rules may be lifted for; root gets no tokens at all. */
export type BreakGlassClass = 'local' | 'relay' | 'container' | 'unidentified'

/** Body of `POST /v1/break-glass`. */
export interface BreakGlassRequest {
  readonly grant: string
  /** Why, for the prompt, the status and the audit log. */
  readonly reason: string
  /** Seconds, 60 to 3,600. */
  readonly seconds: number
  /** Whose requests; default `local`. */
  readonly class?: BreakGlassClass
}

/** Rules that are lifted, or were until now; times are RFC 3339. */
export interface BreakGlassDetail {
  readonly grant: string
  readonly class: BreakGlassClass
  readonly reason: string
  /** The rules, by their names in records. */
  readonly lifted: readonly string[]
  readonly started_at: string
  /** Whole seconds until it ends by itself. */
  readonly seconds_left: number
  /** Tokens that a rule would have refused or narrowed. */
  readonly used: number
}
