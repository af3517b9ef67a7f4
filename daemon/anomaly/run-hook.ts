import { type ChildProcess, spawn } from 'node:child_process'

/** A hook finds the usual programs, and nothing of ours; what more it needs it sets itself. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }

/**
 * Runs a program without a shell, in a session of its own, with a text on its standard input.
 * It reads and writes no stream of ours; whatever it started ends with it.
 *
 * @param signal Ends it.
 * @returns What went wrong, half a sentence; `undefined` when it ended with 0.
 */
export function runHook(
  command: readonly string[],
  input: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const [program = '', ...args] = command
    const child = spawn(program, args, {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: ENVIRONMENT,
      cwd: '/',
      detached: true,
    })
    const end = (problem: string | undefined): void => {
      signal.removeEventListener('abort', abort)
      kill(child)
      resolve(problem)
    }
    const abort = (): void => end('took too long')
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    child.on('error', (error: NodeJS.ErrnoException) => end(`cannot be started: ${error.code}`))
    child.once('exit', (status, name) => {
      if (name !== null) end(`was ended by ${name}`)
      else end(status === 0 ? undefined : `ended with ${status}`)
    })
    child.stdin.on('error', () => undefined) // it may end without reading
    child.stdin.end(input)
  })
}

/** The whole group; one that never was, or is gone already, needs nothing. */
function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: nobody is left
  }
}
