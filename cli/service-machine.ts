import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a program ended. */
export interface ProgramRun {
  /** `undefined` when it could not be started, was killed, or took too long. */
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** What `grantd service` does to a machine. */
export interface Machine {
  /** Of Node and of the command, without symbolic links on the way. */
  program(): Promise<{ readonly node: string; readonly script: string }>
  /** What of ours runs, or tells what runs: files, and directories with all that is in them. */
  code(): Promise<readonly string[]>
  /** True when this Node has such an option. */
  knowsOption(option: string): boolean
  /** Text of a template that came with us, such as `systemd/grantd.service`. */
  template(name: string): Promise<string>
  /** @returns undefined when nothing is there; no text for what is no file, such as a pipe. */
  read(path: string): Promise<string | undefined>
  /**
   * What on the way to a path somebody other than root can change, the path itself too, and what
   * is below it.
   *
   * @param path Without symbolic links on the way.
   */
  changeable(path: string): Promise<string | undefined>
  /** Replaces a file in one step, whoever else does so at the moment; makes its directory. */
  write(path: string, text: string): Promise<void>
  remove(path: string): Promise<void>
  run(program: string, args: readonly string[]): Promise<ProgramRun>
}

/** The service manager answers within this, or something is wrong with it. */
const PROGRAM_TIMEOUT_MS = 60_000

const WRITABLE_BY_OTHERS = 0o022

/** What is in a unit everybody may read. */
const UNIT_MODE = 0o644

/** Of our package; what is not there does not run. */
const CODE = [
  'dist',
  'systemd',
  ...['koffi', '@koromix', '@github'].map((name) => `node_modules/${name}`),
]

/** Somebody other than root can change it. Of a link the mode says nothing. */
function isChangeable(stats: Stats): boolean {
  if (stats.uid !== 0) return true
  return !stats.isSymbolicLink() && (stats.mode & WRITABLE_BY_OTHERS) !== 0
}

/** A path and everything above it. */
function way(path: string): readonly string[] {
  return path === dirname(path) ? [path] : [path, ...way(dirname(path))]
}

/** The machine we are on. */
export const thisMachine: Machine = {
  async program() {
    const [, script = ''] = process.argv
    return { node: await realpath(process.execPath), script: await realpath(script) }
  },
  async code() {
    const root = fileURLToPath(new URL('../../', import.meta.url))
    const paths = await Promise.all(CODE.map((name) => realpath(join(root, name)).catch(() => [])))
    return paths.flat()
  },
  knowsOption: (option) => process.allowedNodeEnvironmentFlags.has(option),
  template: (name) => readFile(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8'),
  async read(path) {
    try {
      // not blocking: a pipe in its place must not hold us up
      const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        return (await file.stat()).isFile() ? await file.readFile('utf8') : ''
      } finally {
        await file.close()
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  },
  async changeable(path) {
    const below = (await lstat(path)).isDirectory() ? await readdir(path, { recursive: true }) : []
    for (const at of [...below.map((name) => join(path, name)), ...way(path)])
      if (isChangeable(await lstat(at))) return at
    return undefined
  },
  async write(path, text) {
    await mkdir(dirname(path), { recursive: true })
    // a name that nobody else has: two installations at once would cut each other's text short
    const temporary = `${path}.${randomUUID()}.new`
    const file = await open(temporary, 'wx', UNIT_MODE)
    try {
      await file.writeFile(text)
      // or a power cut leaves a unit without text, which nobody would know for ours
      await file.sync()
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    } finally {
      await file.close()
    }
  },
  remove: (path) => rm(path, { force: true }),
  run: (program, args) =>
    new Promise((resolve) => {
      execFile(
        program,
        [...args],
        { timeout: PROGRAM_TIMEOUT_MS, encoding: 'utf8' },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : error.code
          resolve({ status: typeof code === 'number' ? code : undefined, stdout, stderr })
        },
      )
    }),
}
