import { tokenHash } from '../../daemon/base/token-hash.ts'

/** What `journalctl --output=json` prints, an object for each line of the journal. */
export function journalLines(text: string): readonly Readonly<Record<string, string>>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, string>)
}

/** The words of a text that are tokens. @param hashes What `tokenHash` makes of these */
export function tokensIn(text: string, hashes: readonly string[]): readonly string[] {
  // no token of an issuer of ours is shorter
  const words = new Set(text.match(/[\w-]{20,}/g))
  return [...words].filter((word) => hashes.includes(tokenHash(word)))
}
