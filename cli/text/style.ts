/** How a piece of text may stand out. */
export type Style = 'bold' | 'green' | 'yellow' | 'red' | 'qr'

/** Puts a style around text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** `qr`: white on black whatever the terminal's colours are, as not every phone reads the reverse. */
const CODES: Readonly<Record<Style, string>> = {
  bold: '1',
  green: '32',
  yellow: '33',
  red: '31',
  qr: '97;40',
}

/**
 * Colour on a terminal, unless `NO_COLOR` is set to anything or the terminal is dumb.
 *
 * @see https://no-color.org
 */
export function paintFor(
  env: Readonly<Record<string, string | undefined>>,
  output: { readonly isTTY: boolean },
): Paint {
  const { NO_COLOR = '', TERM } = env
  return output.isTTY && NO_COLOR === '' && TERM !== 'dumb' ? colour : plain
}

/** Text as it is. */
export function plain(_style: Style, text: string): string {
  return text
}

/** Text between an escape sequence and its end. */
export function colour(style: Style, text: string): string {
  return `\x1b[${CODES[style]}m${text}\x1b[0m`
}
