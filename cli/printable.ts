/**
 * Everything that can move the cursor, change the direction of reading, hide, or
 * be nothing at all: controls, format characters with the bidi ones, surrogates,
 * private and unassigned code points, line separators, spaces that are not U+0020.
 *
 * @see UTR 36 (visual spoofing), CVE-2021-42574 (bidi)
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu

/** `text` as it may reach a terminal: every unprintable character becomes U+FFFD. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, '\u{FFFD}')
}

/** `value` as one line of JSON whose strings cannot draw on a terminal: unprintable characters as escapes. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replaceAll(UNPRINTABLE, escaped)}\n`
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
}
