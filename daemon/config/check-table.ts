import type { KeyPath } from './locate-key.ts'
import type { ValueKind } from './value-kind.ts'

/** What a table may hold: keys that are known, or any whose name fits. */
export type TableKind =
  | { readonly keys: Readonly<Record<string, MemberKind>> }
  | { readonly names: RegExp; readonly each: MemberKind }

/** What may stand under a key; `[[x]]` is an array of tables. */
type MemberKind = ValueKind<unknown> | TableKind | { readonly elements: TableKind }

/** What is wrong with a document, and the keys that lead there. */
export interface TableProblem {
  readonly path: KeyPath
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
  above: KeyPath = [],
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
  above: KeyPath,
): TableProblem | undefined {
  const path = [...above, name]
  const found = memberKind(kind, name)
  if (found === undefined) return { path, message: unknownWords(name, kind, above) }
  if ('read' in found)
    return found.read(value) === undefined
      ? { path, message: `"${name}" must be ${found.wish}` }
      : undefined
  if ('elements' in found) return checkElements(value, found.elements, path)
  if (!isTable(value)) return { path, message: `"${words(path)}" must be a table` }
  return checkTable(value, found, path)
}

function checkElements(value: unknown, kind: TableKind, path: KeyPath): TableProblem | undefined {
  const name = words(path)
  if (!Array.isArray(value) || !value.every(isTable))
    return { path, message: `"${name}" must be tables, each headed [[${name}]]` }
  for (const [index, element] of value.entries()) {
    const problem = checkTable(element, kind, [...path, index])
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Own members only: no table or key is ever known because every object has it. */
function memberKind(kind: TableKind, name: string): MemberKind | undefined {
  if ('names' in kind) return kind.names.test(name) ? kind.each : undefined
  return Object.hasOwn(kind.keys, name) ? kind.keys[name] : undefined
}

function unknownWords(name: string, kind: TableKind, above: KeyPath): string {
  if (above.length === 0) return `unknown table "${name}"`
  if ('names' in kind) return `"${name}" is no name for "${words(above)}"`
  return `unknown key "${name}" in "${words(above)}"`
}

/** The places of elements are left out: line and column tell which one is meant. */
function words(path: KeyPath): string {
  return path.filter((part) => typeof part === 'string').join('.')
}

/** True for `[x]`, `x.y = …` and `x = {…}`; false for arrays and dates, which are objects too. */
function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}
