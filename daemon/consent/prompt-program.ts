import { type ChildProcess, spawn } from 'node:child_process'

/** What of our environment a prompt needs to find the screen; nothing else gets to it. */
const PASSED_ON = [
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
]

/** A whole conversation with a pinentry is some hundred bytes. */
const MAX_OUTPUT_BYTES = 16_384

/** Time to give the terminal back as it was, after SIGINT; whoever needs longer is killed. */
const FAREWELL_MS = 300

/** A program that shows a prompt, and how to talk to it. */
export interface PromptProgram {
  /** Absolute. */
  readonly path: string
  readonly arguments: readonly string[]
  /** Ours; all but a few names stay here. */
  readonly environment: NodeJS.ProcessEnv
  /** More names for it. */
  readonly more?: Readonly<Record<string, string>>
  /** Gets what it writes; what it returns is written to it, and `isOver` ends it. */
  readonly hear: (chunk: Buffer) => { readonly say: string; readonly isOver: boolean }
}

/** How a program ended. It is gone by then, or killed. */
export type ProgramEnd =
  /** We had enough. */
  | { readonly kind: 'over' }
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'crashed'; readonly signal: string }
  /** It could not be started, wrote too much or does not read; half a sentence. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'aborted' }

/**
 * Runs a program without a shell, in a session of its own: it can read no terminal of ours,
 * and whatever it starts ends with it.
 *
 * @param signal Ends it.
 */
export function runPromptProgram(program: PromptProgram, signal: AbortSignal): Promise<ProgramEnd> {
  if (signal.aborted) return Promise.resolve({ kind: 'aborted' })
  return new Promise((resolve) => {
    const child = spawn(program.path, program.arguments, {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: environmentOf(program),
      cwd: '/',
      detached: true,
    })
    let isOver = false
    const end = (how: ProgramEnd): void => {
      if (isOver) return
      isOver = true
      signal.removeEventListener('abort', abort)
      stop(child, () => resolve(how))
    }
    const abort = (): void => end({ kind: 'aborted' })
    signal.addEventListener('abort', abort)
    let written = 0
    child.stdout.on('data', (chunk: Buffer) => {
      written += chunk.length
      if (isOver) return
      if (written > MAX_OUTPUT_BYTES) {
        end({ kind: 'failed', reason: 'it writes too much' })
        return
      }
      const move = program.hear(chunk)
      if (move.say !== '') child.stdin.write(move.say)
      if (move.isOver) end({ kind: 'over' })
    })
    child.stdout.on('error', () => undefined) // its end tells what happened
    child.stdin.on('error', () => end({ kind: 'failed', reason: 'it does not read' }))
    child.on('error', (error: NodeJS.ErrnoException) =>
      end({ kind: 'failed', reason: `cannot be started: ${error.code ?? 'unknown'}` }),
    )
    child.on('exit', (status, name) => {
      const exited = (): void =>
        end(
          name === null
            ? { kind: 'exited', status: status ?? -1 }
            : { kind: 'crashed', signal: name },
        )
      // what it wrote last may still be on its way; what it started may hold the pipe for ever
      child.once('close', exited)
      setTimeout(exited, FAREWELL_MS).unref()
    })
  })
}

function environmentOf({ environment, more }: PromptProgram): NodeJS.ProcessEnv {
  const passed = PASSED_ON.filter((name) => environment[name] !== undefined)
  return {
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    ...Object.fromEntries(passed.map((name) => [name, environment[name]])),
    ...more,
  }
}

/** SIGINT lets the known programs give the terminal back; then nothing is left of the group. */
function stop(child: ChildProcess, done: () => void): void {
  child.stdin?.end()
  const finish = (): void => {
    clearTimeout(timer)
    kill(child, 'SIGKILL')
    child.stdout?.destroy()
    done()
  }
  const timer = setTimeout(finish, FAREWELL_MS)
  const isGone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  if (isGone) {
    finish()
  } else {
    child.once('exit', finish)
    kill(child, 'SIGINT')
  }
}

/** To the whole group; one that is gone already needs nothing. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: nobody is left
  }
}
