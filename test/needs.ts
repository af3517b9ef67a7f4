import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'

/** Options of a test: run it, or why not. */
export interface Needs {
  readonly skip: string | false
}

/**
 * Options of a test that needs programs or shared libraries of the system. Where
 * one is missing the test is skipped by its name; with `CI=true` that is an error,
 * because a promise nobody checks is none.
 *
 * @param names Commands such as `sshd`, libraries such as `libsecret-1.so.0`, files by their whole path.
 */
export function needs(...names: readonly string[]): Needs {
  const absent = names.filter((name) => !isThere(name))
  return absent.length === 0
    ? { skip: false }
    : missing(`needs ${absent.join(', ')}; run: .ci/setup`)
}

/** Options of a test that is somebody else for a while, as {@link needs}. */
export function needsRoot(): Needs {
  return process.getuid?.() === 0 ? { skip: false } : missing('only root can be somebody else')
}

/** Options of a test about what only Linux has, as {@link needs}. */
export function needsLinux(): Needs {
  return process.platform === 'linux' ? { skip: false } : missing('only Linux has what it is about')
}

/** Options of a test that needs all of it. */
export function needsAll(...all: readonly Needs[]): Needs {
  return all.find(({ skip }) => skip !== false) ?? { skip: false }
}

/**
 * The options of a test that cannot run here.
 *
 * @throws Error with `CI=true`
 */
export function missing(reason: string): Needs {
  if (process.env['CI'] === 'true') throw new Error(reason)
  return { skip: reason }
}

function isThere(name: string): boolean {
  if (name.startsWith('/')) return existsSync(name)
  return name.includes('.so.') ? hasLibrary(name) : hasCommand(name)
}

function hasCommand(name: string): boolean {
  const { PATH = '' } = process.env
  const directories = [...PATH.split(':'), '/usr/sbin', '/sbin']
  return directories.some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function hasLibrary(name: string): boolean {
  try {
    return execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).includes(`${name} `)
  } catch {
    return false
  }
}
