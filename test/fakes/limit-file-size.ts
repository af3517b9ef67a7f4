import { execFileSync } from 'node:child_process'

/**
 * Lets this process write no file beyond so many bytes, as a full disk does. The kernel also
 * sends SIGXFSZ: a test listens to it, else the runner of the tests ends the process.
 *
 * @param bytes A whole number, or `unlimited`.
 */
export function limitFileSize(bytes: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])
}
