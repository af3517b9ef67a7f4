import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { DateAnswer } from './ask-date.ts'

/** Per issuer, all at once: a person waits. */
const TIMEOUT_MS = 3_000

/** Time the child has to start on a busy machine. */
const START_MS = 2_000

/** Each name that is looked up takes a thread, and Node gives half of them to that. */
const THREADS = '32'

/** A child that says more is none of ours. */
const MAX_OUTPUT_LENGTH = 65_536

const CHILD = fileURLToPath(new URL('./clock-child.js', import.meta.url))

/**
 * Asks issuers for the time, all of them in one process of its own: a thread that waits for a
 * name server ends no sooner than that does, and would keep us as long.
 *
 * @param command The program that answers. Default: `clock-child.js` under this Node.
 * @returns An answer for each issuer, in their order.
 */
export function askClocks(
  issuers: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  command: readonly [string, ...string[]] = [process.execPath, CHILD],
  deadlineMs: number = TIMEOUT_MS + START_MS,
): Promise<readonly DateAnswer[]> {
  if (issuers.length === 0) return Promise.resolve([])
  const silent = (reason: string) => issuers.map(() => ({ kind: 'silent', reason }) as const)
  return new Promise((resolve) => {
    const [program, ...args] = command
    const child = spawn(program, [...args, String(TIMEOUT_MS), ...issuers], {
      env: { ...env, UV_THREADPOOL_SIZE: THREADS },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let text = ''
    const end = (answers: readonly DateAnswer[]): void => {
      clearTimeout(timer)
      resolve(answers)
      child.stdout.destroy()
      child.kill('SIGKILL')
    }
    const timer = setTimeout(() => end(silent('no answer in time')), deadlineMs)
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.length > MAX_OUTPUT_LENGTH) end(silent('it cannot be asked'))
      else if (text.endsWith('\n')) end(JSON.parse(text) as DateAnswer[])
    })
    child.on('error', () => end(silent('it cannot be asked')))
    child.on('close', () => end(silent('it cannot be asked')))
  })
}
