import { dirname, normalize } from 'node:path/posix'

/** The three laws as tables: floors, outside modules, mirror tests. */
export interface Laws {
  /** Rooms of the daemon from the ground up; rooms of one floor never meet. */
  readonly floors: readonly (readonly string[])[]
  /** For each folder of the top level, what its files may import besides their own folder. */
  readonly folders: Readonly<Record<string, readonly string[]>>
  /** Which files may import which Node or npm module. */
  readonly outside: Readonly<Record<string, readonly string[]>>
  /** Doors between folders that one file alone may open. */
  readonly doors: Readonly<Record<string, string>>
}

/** A source tree: paths from its root, texts, and what the compiler made of them. */
export interface Tree {
  readonly files: ReadonlyMap<string, string>
  /** Compiled text of a source file: types and comments are gone. */
  readonly compiled: (file: string) => string
  readonly exists: (file: string) => boolean
}

const IMPORT =
  /^(?:import|export)\b(?:[^'"`;]*?\bfrom\s*)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm

/** What a source file imports, types included, in order of appearance. */
export function importsOf(text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? '')
}

/** Every breach of a law, one sentence each; empty when the tree keeps them all. */
export function breaches(tree: Tree, laws: Laws): readonly string[] {
  const found: string[] = []
  for (const [file, text] of tree.files) {
    const folder = file.split('/')[0] ?? ''
    if (laws.folders[folder] === undefined) {
      found.push(`${file} lies in no known folder`)
      continue
    }
    if (folder === 'daemon' && floorOf(file, laws) < 0) found.push(`${file} lies in no known room`)
    for (const module of importsOf(text)) {
      const breach = judgeImport(file, module, laws)
      if (breach !== undefined) found.push(`${file} ${breach}`)
    }
    const mirror = `test/${file.replace(/\.ts$/, '.test.ts')}`
    if (/\b(?:function|class)\b|=>/.test(tree.compiled(file)) && !tree.exists(mirror))
      found.push(`${file} has no ${mirror}`)
  }
  return found
}

function judgeImport(file: string, module: string, laws: Laws): string | undefined {
  if (!module.startsWith('.')) return judgeOutside(file, module, laws)
  const target = normalize(`${dirname(file)}/${module}`)
  const folder = file.split('/')[0] ?? ''
  if (!target.startsWith(`${folder}/`))
    return laws.doors[file] === target ? undefined : `may not import ${target}`
  if (folder !== 'daemon') return undefined
  const isSameRoom = roomOf(file) === roomOf(target)
  if (isSameRoom || floorOf(target, laws) < floorOf(file, laws)) return undefined
  return `may not import ${target}: not on a lower floor`
}

function judgeOutside(file: string, module: string, laws: Laws): string | undefined {
  const folder = file.split('/')[0] ?? ''
  if (laws.folders[folder]?.includes(module)) return undefined
  return laws.outside[module]?.includes(file) ? undefined : `may not import ${module}`
}

/** The folder below `daemon/`, or the file itself when it lies on the top floor. */
function roomOf(file: string): string {
  return file.split('/')[1] ?? ''
}

/** 0 is the ground; -1 is nowhere. */
function floorOf(file: string, laws: Laws): number {
  return laws.floors.findIndex((rooms) => rooms.includes(roomOf(file)))
}
