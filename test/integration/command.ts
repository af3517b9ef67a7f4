import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const DIST = join(import.meta.dirname, '..', '..')

/** The command as it is installed. */
export const COMMAND = join(DIST, 'bundle', 'grantd.js')

/** The same, a file per module, for who puts modules of a test in the place of its own. */
export const UNBUNDLED = join(DIST, 'cli', 'main.js')

/** A finished run of the command. */
export interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A run of the command that has not ended yet. */
export interface RunningCommand {
  /** The first group of a pattern, as soon as either stream has printed it; rejects at the end without. */
  printed(pattern: RegExp): Promise<string>
  readonly ended: Promise<Run>
  kill(signal: NodeJS.Signals): void
}

/** Where a command runs. */
export interface Home {
  readonly environment: NodeJS.ProcessEnv
  readonly directory: string
}

/**
 * Takes away what the runner adds to every program, so that it can count lines: a daemon
 * refuses to run beside other code, and any command would take three times as long to start.
 * The tests beside the sources count.
 */
export const UNTOUCHED: readonly string[] = ['/usr/bin/env', '-u', 'NODE_OPTIONS']

/** Starts `grantd` with these arguments. */
export function startCommand(args: readonly string[], home: Home, input = ''): RunningCommand {
  const [program = '', ...words] = [...UNTOUCHED, process.execPath, COMMAND, ...args]
  return startProgram(program, words, home, input)
}

/** Starts any program. */
export function startProgram(
  program: string,
  args: readonly string[],
  home: Home,
  input = '',
): RunningCommand {
  const child = spawn(program, args, {
    env: home.environment,
    cwd: home.directory,
    stdio: 'pipe',
  })
  const texts = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      for (const look of waiting) look()
    })
  child.stdin.on('error', () => undefined) // it may end without reading
  child.stdin.end(input)
  const ended = once(child, 'close').then(() => ({ status: child.exitCode, ...texts }))
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    async printed(pattern) {
      return await new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(texts.stderr) ?? pattern.exec(texts.stdout)
          if (found === null) return
          waiting.delete(look)
          resolve(found[1] ?? found[0])
        }
        waiting.add(look)
        look()
        void ended.then((run) => reject(new Error(`never printed ${pattern}: ${run.stderr}`)))
      })
    },
  }
}
