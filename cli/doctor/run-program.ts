import { execFile } from 'node:child_process'
import { within } from './within.ts'

/** A service manager that is well answers in milliseconds. */
const DEADLINE_MS = 3_000

/** More than any program says here. */
const MAX_OUTPUT_BYTES = 65_536

/**
 * Runs a program that only tells something, and kills it when it takes too long.
 *
 * @returns What it printed; `undefined` when it is not there, fails or does not end.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  deadlineMs: number = DEADLINE_MS,
): Promise<string | undefined> {
  const ended = new Promise<string | undefined>((resolve) => {
    const options = {
      env: { ...env },
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      encoding: 'utf8',
    } as const
    execFile(program, args, options, (error, stdout) => resolve(error ? undefined : stdout))
  })
  // a child of its own may keep its output open
  return await within(deadlineMs, ended, undefined)
}
