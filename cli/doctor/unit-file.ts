/** Begins every unit that `grantd service install` has written. */
const MARK = '# Written by `grantd service install`'

/** What a unit starts. */
export interface UnitCommand {
  readonly program: string
  /** The first argument that is a path; absent when there is none. */
  readonly script?: string
}

/** Whether a unit is one of ours. */
export function isOurUnit(text: string): boolean {
  return text.startsWith(MARK)
}

/**
 * What the first `ExecStart=` of a unit starts; `undefined` when there is none, or one whose
 * words only systemd knows: with a specifier, a variable, or over several lines.
 *
 * @see systemd.service(5) "Command lines"
 */
export function commandOf(text: string): UnitCommand | undefined {
  const line = /^[ \t]*ExecStart[ \t]*=[ \t]*(\S.*)$/m.exec(text)?.[1]
  const [program, ...args] = (line === undefined ? undefined : words(line)) ?? []
  if (program?.startsWith('/') !== true) return undefined
  const script = args.find((word) => word.startsWith('/'))
  return script === undefined ? { program } : { program, script }
}

/** A word in double quotes, where a backslash escapes a quote or itself, or one that needs none. */
const WORD = /^(?:"((?:[^"\\]|\\["\\])*)"|([^\s"'\\]+))(?:\s+|$)/

function words(line: string): readonly string[] | undefined {
  const found: string[] = []
  let rest = line.trim()
  while (rest !== '') {
    const match = WORD.exec(rest)
    if (match === null) return undefined
    const [whole, quoted, bare = ''] = match
    const text = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare
    const word = found.length === 0 ? programOf(text) : argumentOf(text)
    if (word === undefined) return undefined
    found.push(word)
    rest = rest.slice(whole.length)
  }
  return found
}

/** What stands before the path says how it is started, and a dollar there is a dollar. */
function programOf(text: string): string | undefined {
  return undoubled(text.replace(/^[-:+!]+/, ''), '%')
}

function argumentOf(text: string): string | undefined {
  const withoutSpecifiers = undoubled(text, '%')
  return withoutSpecifiers === undefined ? undefined : undoubled(withoutSpecifiers, '$')
}

/** `undefined` where the sign stands alone, and so for something else. */
function undoubled(text: string, sign: '%' | '$'): string | undefined {
  const parts = text.split(sign + sign)
  return parts.some((part) => part.includes(sign)) ? undefined : parts.join(sign)
}
