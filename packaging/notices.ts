import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a package says about itself. */
interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/** The directory of the package that a file belongs to, up to the last `node_modules` in its path. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/

/** Directories of the packages that these files come from, each once, in order. */
export function packagesOf(files: readonly string[]): readonly string[] {
  return [...new Set(files.flatMap((file) => PACKAGE.exec(file) ?? []))].sort()
}

/**
 * Name, version and licence of every package, with the text that its authors want kept.
 *
 * @param directories As from {@link packagesOf}.
 * @throws Error for a package that names no licence
 */
export function notices(directories: readonly string[]): string {
  return directories.map(notice).join(`\n${'-'.repeat(80)}\n\n`)
}

function notice(directory: string): string {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest
  const { name, version, license } = manifest
  if (license === undefined) throw new Error(`${name} ${version} names no licence`)
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(directory, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}
