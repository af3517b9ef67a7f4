import { spawn } from 'node:child_process'

/**
 * Starts a program without a shell and forgets it. One that does not exist is
 * forgotten, too: whoever starts it has printed another way already.
 */
export function startProgram(program: string, args: readonly string[]): void {
  spawn(program, args, { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref()
}
