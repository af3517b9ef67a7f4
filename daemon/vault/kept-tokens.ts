import { Secret } from '../base/secret.ts'

/** An access token that has still to be ended at its issuer. */
export interface KeptToken {
  readonly value: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A grant has one live token for each scope and audience in use; few have more than a handful. */
export const MAX_KEPT_TOKENS = 64

/** A JWT has some kilobytes; a record stays small enough to be written in one go. */
export const MAX_KEPT_BYTES = 131_072

/** Tokens as they are sealed, and how many there was no room for. */
export interface PackedTokens {
  /** The caller's to wipe; absent when there are none. */
  readonly secret?: Secret
  readonly left: number
}

/**
 * Packs access tokens into one secret of a record, `end SP token LF` each. Those that live
 * longest come first; what has no room is counted.
 */
export function packTokens(tokens: readonly KeptToken[]): PackedTokens {
  const lines: string[] = []
  let bytes = 0
  for (const { value, expiresAt } of [...tokens].sort((a, b) => b.expiresAt - a.expiresAt)) {
    const line = `${expiresAt} ${value}\n`
    const size = Buffer.byteLength(line)
    if (lines.length >= MAX_KEPT_TOKENS || bytes + size > MAX_KEPT_BYTES) continue
    lines.push(line)
    bytes += size
  }
  const left = tokens.length - lines.length
  return lines.length === 0 ? { left } : { secret: Secret.fromText(lines.join('')), left }
}

/** The tokens of a record; none where it has none. */
export function unpackTokens(secret: Secret | undefined): readonly KeptToken[] {
  if (secret === undefined) return []
  return secret
    .reveal()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [end, value = ''] = line.split(' ')
      return { value, expiresAt: Number(end) }
    })
}
