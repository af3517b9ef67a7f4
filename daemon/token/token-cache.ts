import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import { tokenHash } from '../base/token-hash.ts'
import type { AccessToken } from './access-token.ts'
import { cacheKey, type TokenKey } from './cache-key.ts'
import { isFreshEnough, withinLife } from './remaining-life.ts'

/**
 * Access tokens that may still be handed out, in memory only. A token's life is
 * counted by both clocks, and the shorter one holds: the wall clock may jump, the
 * monotonic one stands still during suspend.
 */
export class TokenCache {
  readonly #tokens: LRUCache<string, AccessToken>
  readonly #keysOfGrant = new Map<string, Set<string>>()
  readonly #clock: Clock

  /** @param options.maxTokens The least recently used token makes room above this. */
  constructor(options: { readonly clock: Clock; readonly maxTokens: number }) {
    this.#clock = options.clock
    this.#tokens = new LRUCache({
      max: options.maxTokens,
      ttlResolution: 0,
      // the library takes a start of 0 for none
      perf: { now: () => 1 + options.clock.monotonic() },
      dispose: (_token, key) => this.#forgetKey(key),
    })
  }

  get size(): number {
    return this.#tokens.size
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
    return this.holds(key, hash) && this.#tokens.delete(cacheKey(key))
  }

  /** Drops everything of one grant. */
  dropGrant(grantId: string): void {
    for (const text of this.#keysOfGrant.get(grantId) ?? []) this.#tokens.delete(text)
  }

  /** Drops everything. */
  clear(): void {
    this.#tokens.clear()
  }

  #forgetKey(text: string): void {
    const grantId = String((JSON.parse(text) as unknown[])[0])
    const keys = this.#keysOfGrant.get(grantId)
    keys?.delete(text)
    if (keys?.size === 0) this.#keysOfGrant.delete(grantId)
  }
}
