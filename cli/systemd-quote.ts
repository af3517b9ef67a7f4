/** Control characters and what is no character: systemd takes them for the end of a line, or refuses the unit. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u

/**
 * One word of a command line in a unit.
 *
 * @throws TypeError for a word that no unit can hold
 * @see systemd.service(5) "Command lines", systemd.unit(5) "Specifiers"
 */
export function quoteWord(word: string): string {
  if (UNPRINTABLE.test(word)) throw new TypeError('a unit cannot hold control characters')
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')
  return `"${escaped}"`
}

/**
 * The program of a command line in a unit, which may hold less than its arguments: systemd
 * takes no quotes or backslashes there, and leaves `$$` as it is.
 *
 * @throws TypeError for a path that it cannot start
 */
export function quoteProgram(path: string): string {
  if (UNPRINTABLE.test(path) || /["'\\$]/.test(path))
    throw new TypeError(`systemd cannot start "${path}": it has a quote, a dollar or a backslash`)
  if (!path.startsWith('/')) throw new TypeError(`"${path}" is not absolute`)
  return `"${path.replaceAll('%', '%%')}"`
}
