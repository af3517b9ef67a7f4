/** What stands for itself: printable ASCII but for what escapes, quotes, marks up or abbreviates. */
const PLAIN = /[ !#$%'()*+,\-./0-9:;=?@A-Z[\]^_`a-z{|}~]/

/** Each prompt program has its own idea of a longer text. */
const ELLIPSIS = '...'

/**
 * A text of somebody else as it may stand in a prompt: one line of printable ASCII, in
 * quotes, at most `max` characters. All else becomes `\u{…}`: line ends, escape sequences,
 * what turns the direction of reading, what is not to be seen, and letters that look like
 * other letters. So do `<`, `>` and `&`, which some programs take for markup, and each
 * space after a space, so that nobody can push what follows to the start of a line.
 *
 * What is too long loses its middle: programs differ at the end, and where they are at the start.
 *
 * @param max Characters, quotes not counted, at least 16.
 */
export function quoted(text: string, max: number): string {
  const head = escapeStart(text, max)
  if (head.isWhole) return `"${head.text}"`
  const room = max - ELLIPSIS.length
  const start = escapeStart(text, Math.ceil(room / 2)).text
  const end = escapeEnd(text, Math.floor(room / 2))
  return `"${start}${ELLIPSIS}${end}"`
}

/** As many escaped characters as fit, from the start. */
function escapeStart(
  text: string,
  max: number,
): { readonly text: string; readonly isWhole: boolean } {
  let shown = ''
  let before = ''
  for (const character of text) {
    const escaped = escapeOne(character, before)
    if (shown.length + escaped.length > max) return { text: shown, isWhole: false }
    shown += escaped
    before = character
  }
  return { text: shown, isWhole: true }
}

/** As many escaped characters as fit, from the end. */
function escapeEnd(text: string, max: number): string {
  // no half of a pair at the cut: it would be shown as something that is not there
  const tail = Array.from(text.slice(-2 * max))
  const escaped = tail.map((character, at) => escapeOne(character, tail[at - 1] ?? ''))
  let shown = ''
  for (const one of escaped.slice(1).toReversed()) {
    if (shown.length + one.length > max) break
    shown = one + shown
  }
  return shown
}

function escapeOne(character: string, before: string): string {
  if (character === ' ' && before === ' ') return '\\u{20}'
  if (PLAIN.test(character)) return character
  if (character === '\\' || character === '"') return `\\${character}`
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
