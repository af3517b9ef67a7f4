import { parse, TomlError } from 'smol-toml'
import { checkTable, type TableKind, type TableProblem } from './check-table.ts'
import { locateKey, type Position } from './locate-key.ts'

/** What is wrong with a file, and where. */
export interface ConfigProblem extends Position {
  readonly message: string
}

/** A document that holds nothing but what it may. */
export interface ParsedTable {
  /** What was parsed: places are found in it. */
  readonly text: string
  readonly table: Readonly<Record<string, unknown>>
}

/** Longer than any message but one that quotes a key nobody would write. */
const MAX_MESSAGE = 200

/** Reads a TOML document that a person wrote; the first thing that may not be there refuses it. */
export function parseTable(
  source: string,
  kind: TableKind,
): ParsedTable | { readonly problem: ConfigProblem } {
  // what some editors put before the first column
  const text = source.replace(/^\ufeff/, '')
  let table: Record<string, unknown>
  try {
    table = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [message = 'not TOML'] = error.message.split('\n')
    return { problem: { line: error.line, column: error.column, message: printable(message) } }
  }
  const problem = checkTable(table, kind)
  return problem === undefined ? { text, table } : problemAt(text, problem)
}

/** The same problem with the line and column of its key. */
export function problemAt(
  text: string,
  { path, message }: TableProblem,
): { readonly problem: ConfigProblem } {
  return { problem: { ...locateKey(text, path), message: printable(message) } }
}

/** Shown on a terminal and in every answer while the file is broken. */
function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/g, '?')
  return shown.length <= MAX_MESSAGE ? shown : `${shown.slice(0, MAX_MESSAGE)}...`
}
