import type { ValueKind } from './value-kind.ts'

/** What a table may hold: keys that are known, or tables of any name that fits. */
export type TableKind =
  | { readonly keys: Readonly<Record<string, ValueKind<unknown> | TableKind>> }
  | { readonly names: RegExp; readonly each: TableKind }

/** What is wrong with a document, and the keys that lead there. */
export interface TableProblem {
  readonly path: readonly string[]
  readonly message: string
}

/**
 * Compares a parsed document with what it may hold. An unknown table or key is a mistake,
 * not a wish for the future: what is not understood might have been a limit.
 *
 * @returns The first problem; `undefined` when there is none.
 */
export function checkTable(
  members: Readonly<Record<string, unknown>>,
  kind: TableKind,
  above: readonly string[] = [],
): TableProblem | undefined {
  for (const [name, value] of Object.entries(members)) {
    const problem = checkMember(name, value, kind, above)
    if (problem !== undefined) return problem
  }
  return undefined
}

function checkMember(
  name: string,
  value: unknown,
  kind: TableKind,
  above: readonly string[],
): TableProblem | undefined {
  const path = [...above, name]
  const found = memberKind(kind, name)
  if (found === undefined) return { path, message: unknownWords(name, kind, above) }
  if ('read' in found)
    return found.read(value) === undefined
      ? { path, message: `"${name}" must be ${found.wish}` }
      : undefined
  if (!isTable(value)) return { path, message: `"${path.join('.')}" must be a table` }
  return checkTable(value, found, path)
}

/** Own members only: no table or key is ever known because every object has it. */
function memberKind(kind: TableKind, name: string): ValueKind<unknown> | TableKind | undefined {
  if ('names' in kind) return kind.names.test(name) ? kind.each : undefined
  return Object.hasOwn(kind.keys, name) ? kind.keys[name] : undefined
}

function unknownWords(name: string, kind: TableKind, above: readonly string[]): string {
  if (above.length === 0) return `unknown table "${name}"`
  if ('names' in kind) return `"${name}" is no name for "${above.join('.')}"`
  return `unknown key "${name}" in "${above.join('.')}"`
}

/** True for `[x]`, `x.y = …` and `x = {…}`; false for arrays and dates, which are objects too. */
function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}
