import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import { tokenHash } from '../base/token-hash.ts'
import type { AccessToken } from './access-token.ts'
import { cacheKey, type TokenKey } from './cache-key.ts'
import { isFreshEnough, withinLife } from './remaining-life.ts'

/** Tokens of one grant that others have replaced; more than these were asked for with a purpose. */
const MAX_PAST_TOKENS = 64

/**
 * Access tokens that may still be handed out, in memory only. A token's life is
 * counted by both clocks, and the shorter one holds: the wall clock may jump, the
 * monotonic one stands still during suspend.
 */
export class TokenCache {
  readonly #tokens: LRUCache<string, AccessToken>
  readonly #keysOfGrant = new Map<string, Set<string>>()
  /** Of each grant, tokens that left the cache before their end: they still work somewhere. */
  readonly #past = new Map<string, AccessToken[]>()
  readonly #clock: Clock
  #evicted = 0

  /** @param options.maxTokens The least recently used token makes room above this. */
  constructor(options: { readonly clock: Clock; readonly maxTokens: number }) {
    this.#clock = options.clock
    this.#tokens = new LRUCache({
      max: options.maxTokens,
      ttlResolution: 0,
      // the library takes a start of 0 for none
      perf: { now: () => 1 + options.clock.monotonic() },
      dispose: (token, key, reason) => {
        if (reason === 'evict') this.#evicted += 1
        if (reason === 'set' || reason === 'evict') this.#remember(key, token)
        this.#forgetKey(key)
      },
    })
  }

  get size(): number {
    return this.#tokens.size
  }

  /** Tokens that made room for others since the start. */
  get evicted(): number {
    return this.#evicted
  }

  /**
   * A token with at least `minTtlSeconds` to live, or enough of its life; its
   * `expiresAt` is true by the wall clock of now.
   */
  fresh(key: TokenKey, minTtlSeconds: number): AccessToken | undefined {
    const text = cacheKey(key)
    const kept = this.#tokens.get(text)
    if (kept === undefined) return undefined
    const now = this.#clock.now()
    const token = withinLife(kept, now, this.#tokens.getRemainingTTL(text))
    return isFreshEnough(token, now, minTtlSeconds) ? token : undefined
  }

  /** Keeps a token for the rest of its life; one that is already over is not kept. */
  keep(key: TokenKey, token: AccessToken): void {
    const ttl = Math.min(token.expiresAt - this.#clock.now(), token.lifetimeSeconds * 1000)
    if (ttl <= 0) return
    const text = cacheKey(key)
    this.#tokens.set(text, token, { ttl })
    const keys = this.#keysOfGrant.get(key.grantId) ?? new Set()
    keys.add(text)
    this.#keysOfGrant.set(key.grantId, keys)
  }

  /**
   * True when the cached token is the one with this hash.
   *
   * @param hash base64url SHA-256.
   */
  holds(key: TokenKey, hash: string): boolean {
    const token = this.#tokens.peek(cacheKey(key))
    return token !== undefined && tokenHash(token.value) === hash
  }

  /**
   * Drops the cached token when it is the one a resource server refused.
   *
   * @param hash base64url SHA-256 of the refused token.
   * @returns True when it was cached here.
   */
  drop(key: TokenKey, hash: string): boolean {
    const text = cacheKey(key)
    const token = this.#tokens.peek(text)
    if (token === undefined || tokenHash(token.value) !== hash) return false
    this.#remember(text, token)
    return this.#tokens.delete(text)
  }

  /** Drops everything of one grant. */
  dropGrant(grantId: string): void {
    for (const text of this.#keysOfGrant.get(grantId) ?? []) this.#tokens.delete(text)
    this.#past.delete(grantId)
  }

  /**
   * Drops everything of one grant.
   *
   * @returns Its tokens that may still work somewhere, also those that others have
   *   replaced here, each once and as far as there was room to remember them.
   */
  takeGrant(grantId: string): readonly AccessToken[] {
    const kept = [...(this.#keysOfGrant.get(grantId) ?? [])].flatMap(
      (text) => this.#tokens.peek(text) ?? [],
    )
    const all = [...kept, ...(this.#past.get(grantId) ?? [])]
    this.dropGrant(grantId)
    const now = this.#clock.now()
    const living = all.filter((token) => token.expiresAt > now)
    return [...new Map(living.map((token) => [token.value, token])).values()]
  }

  /** Drops everything. */
  clear(): void {
    this.#tokens.clear()
    this.#past.clear()
  }

  #remember(text: string, token: AccessToken): void {
    const grantId = grantIdOf(text)
    const now = this.#clock.now()
    const living = (this.#past.get(grantId) ?? []).filter(({ expiresAt }) => expiresAt > now)
    this.#past.set(grantId, [...living, token].slice(-MAX_PAST_TOKENS))
  }

  #forgetKey(text: string): void {
    const grantId = grantIdOf(text)
    const keys = this.#keysOfGrant.get(grantId)
    keys?.delete(text)
    if (keys?.size === 0) this.#keysOfGrant.delete(grantId)
  }
}

function grantIdOf(text: string): string {
  return String((JSON.parse(text) as unknown[])[0])
}
