import { parse } from 'smol-toml'

/** A place in a text; lines and columns count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Keys and, where one holds an array of tables, the place of an element. */
export type KeyPath = readonly (string | number)[]

/**
 * Where a key of a TOML document stands: the parser keeps no positions, so the
 * document is walked once more, key by key. Keys in headers, dotted keys, quoted
 * keys and inline tables count; words in comments and strings do not. The walk ends
 * where the key stands, and never takes more than a few steps for each character.
 *
 * @param text A document that was parsed without an error.
 * @param path Keys from the root; a number is the place of an element, from 0, in an array
 *   of tables.
 * @returns The first place that names the whole path; the start when none does.
 */
export function locateKey(text: string, path: KeyPath): Position {
  const offset = new Walk(text, path).document()
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

/** How many parts of the wanted path led here; no path from `ASTRAY` is the wanted one. */
type Depth = number
const ASTRAY = -1

class Walk {
  readonly #text: string
  readonly #wanted: KeyPath
  /** How many elements the array of tables at each depth of the wanted path has so far. */
  readonly #elements = new Map<Depth, number>()
  #found: number | undefined
  #at = 0

  constructor(text: string, wanted: KeyPath) {
    this.#text = text
    this.#wanted = wanted
  }

  /**
   * Headers and assignments up to the wanted key or the end; what is neither ends
   * the walk.
   *
   * @returns Offset of the key, 0 when there is none.
   */
  document(): number {
    let table: Depth = 0
    for (let last = -1; last < this.#at && this.#at < this.#text.length; ) {
      last = this.#at
      this.#take(BLANK)
      if (this.#next() === '[') {
        const isElement = this.#take(MARK).startsWith('[[')
        table = this.#key(0, isElement ? 'element' : 'table')
        this.#take(MARK)
      } else this.#assignment(table)
    }
    return this.#found ?? 0
  }

  #assignment(table: Depth): void {
    const depth = this.#key(table)
    this.#take(MARK)
    this.#value(depth)
  }

  /** A dotted key; every part of it is a place. */
  #key(table: Depth, header?: 'table' | 'element'): Depth {
    let depth = table
    for (let isMore = true; isMore; ) {
      const offset = this.#at
      const word = this.#take(WORD)
      if (word === '') break
      depth = this.#below(depth, word)
      isMore = this.#take(DOT) !== ''
      if (header !== undefined) depth = this.#inArray(depth, header === 'element' && !isMore)
      if (depth === this.#wanted.length) this.#end(offset)
    }
    return depth
  }

  /** The header `[[x]]` begins an element of `x`, and `[x.y]` speaks of the last one. */
  #inArray(depth: Depth, isNew: boolean): Depth {
    if (typeof this.#wanted[depth] !== 'number') return depth
    const count = (this.#elements.get(depth) ?? 0) + (isNew ? 1 : 0)
    this.#elements.set(depth, count)
    return this.#element(depth, count - 1)
  }

  #element(depth: Depth, index: number): Depth {
    if (typeof this.#wanted[depth] !== 'number') return depth
    return this.#wanted[depth] === index ? depth + 1 : ASTRAY
  }

  #below(depth: Depth, word: string): Depth {
    const isOnTheWay = depth !== ASTRAY && this.#wanted[depth] === plainKey(word)
    return isOnTheWay ? depth + 1 : ASTRAY
  }

  /** Nothing is left to read, so that whatever is under way ends. */
  #end(offset: number): void {
    this.#found = offset
    this.#at = this.#text.length
  }

  #value(depth: Depth): void {
    const opening = this.#next()
    if (opening === '[') this.#array(depth)
    else if (opening === '{') this.#members('}', () => this.#assignment(depth))
    else if (this.#take(STRING) === '') this.#take(PLAIN)
  }

  #array(depth: Depth): void {
    let index = 0
    this.#members(']', () => {
      const below = this.#element(depth, index)
      index += 1
      if (below > depth && below === this.#wanted.length) this.#end(this.#at)
      this.#value(below)
    })
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
