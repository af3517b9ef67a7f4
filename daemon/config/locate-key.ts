import { parse } from 'smol-toml'

/** A place in a text; lines and columns count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * Where a key of a TOML document stands: the parser keeps no positions, so the
 * document is walked once more, key by key. Keys in headers, dotted keys, quoted
 * keys and inline tables count; words in comments and strings do not.
 *
 * @param text A document that was parsed without an error.
 * @param path Keys from the root.
 * @returns The first place that names the whole path; the start when none does.
 */
export function locateKey(text: string, path: readonly string[]): Position {
  const wanted = JSON.stringify(path)
  const walk = new Walk(text)
  walk.document()
  const offset = walk.places.find((place) => place.path === wanted)?.offset ?? 0
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

const BLANK = /(?:[ \t\r\n]+|#[^\n]*)*/y
const WORD = /[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y
const DOT = /[ \t]*\.[ \t]*/y
const STRING =
  /"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})|'''[\s\S]*?'''(?:'{0,2})|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y
const PLAIN = /[^,\]}#\n]*/y
const MARK = /[ \t]*(?:=|\]{1,2}|\[{1,2})[ \t]*/y

class Walk {
  readonly places: { readonly path: string; readonly offset: number }[] = []
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Headers and assignments up to the end; what is neither ends the walk. */
  document(): void {
    let table: readonly string[] = []
    for (let last = -1; last < this.#at && this.#at < this.#text.length; ) {
      last = this.#at
      this.#take(BLANK)
      if (this.#next() === '[') {
        this.#take(MARK)
        table = this.#key([])
        this.#take(MARK)
      } else this.#assignment(table)
    }
  }

  #assignment(table: readonly string[]): void {
    const path = this.#key(table)
    this.#take(MARK)
    this.#value(path)
  }

  /** A dotted key; every part of it is a place. */
  #key(table: readonly string[]): readonly string[] {
    let path = table
    do {
      const offset = this.#at
      const word = this.#take(WORD)
      if (word === '') break
      path = [...path, plainKey(word)]
      this.places.push({ path: JSON.stringify(path), offset })
    } while (this.#take(DOT) !== '')
    return path
  }

  #value(path: readonly string[]): void {
    const opening = this.#next()
    if (opening === '[') this.#members(']', () => this.#value(path))
    else if (opening === '{') this.#members('}', () => this.#assignment(path))
    else if (this.#take(STRING) === '') this.#take(PLAIN)
  }

  #members(closing: string, member: () => void): void {
    for (let last = -1; last < this.#at; ) {
      last = this.#at
      this.#at += 1 // the opening bracket, then the commas
      this.#take(BLANK)
      if (this.#next() !== closing) member()
      this.#take(BLANK)
      if (this.#next() !== ',') break
    }
    this.#at += 1
  }

  #next(): string | undefined {
    return this.#text[this.#at]
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const taken = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += taken.length
    return taken
  }
}

/** What a quoted key says; the parser knows the escapes. */
function plainKey(word: string): string {
  if (!/^["']/.test(word)) return word
  return Object.keys(parse(`${word}=0`))[0] ?? ''
}
