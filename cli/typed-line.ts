/** What the keys pressed so far amount to. */
export type TypedLine =
  | { readonly kind: 'typing'; readonly text: string }
  /** `rest`: keys pressed after the line was finished. */
  | { readonly kind: 'finished'; readonly text: string; readonly rest: string }
  /** Ctrl-C: a terminal in raw mode makes no signal of it. */
  | { readonly kind: 'interrupted' }
  /** Ctrl-D on an empty line. */
  | { readonly kind: 'ended' }

/** What follows an escape: arrow keys and their like, which type nothing and come in one piece. */
const SILENT = /^(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[ -~])?/

/**
 * A line as a terminal in raw mode sends it, edited by the keys that every terminal has:
 * Backspace, Ctrl-U, Ctrl-W, Enter.
 *
 * @param text What was typed before.
 * @param keys What came since.
 */
export function typeKeys(text: string, keys: string): TypedLine {
  let line = text
  for (let at = 0; at < keys.length; ) {
    const key = String.fromCodePoint(keys.codePointAt(at) ?? 0)
    at += key.length
    if (key === '\x1b') {
      at += SILENT.exec(keys.slice(at))?.[0].length ?? 0
      continue
    }
    if (key === '\r' || key === '\n')
      return { kind: 'finished', text: line, rest: afterBreak(key, keys.slice(at)) }
    if (key === '\x03') return { kind: 'interrupted' }
    if (key === '\x04' && line === '') return { kind: 'ended' }
    line = edited(line, key)
  }
  return { kind: 'typing', text: line }
}

/** A line that was pasted may end in two characters. */
function afterBreak(key: string, rest: string): string {
  return key === '\r' && rest.startsWith('\n') ? rest.slice(1) : rest
}

function edited(line: string, key: string): string {
  if (key === '\x7f' || key === '\b') return Array.from(line).slice(0, -1).join('')
  if (key === '\x15') return ''
  if (key === '\x17') return line.replace(/\S*\s*$/, '')
  return key < ' ' ? line : line + key
}
