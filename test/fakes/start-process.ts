import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ServeOptions } from '../../daemon/run-daemon.ts'

const MODULE = new URL('../../daemon/run-daemon.js', import.meta.url).href

/** A daemon in a process of its own. */
export interface DaemonProcess {
  readonly child: ChildProcessWithoutNullStreams
  readonly options: ServeOptions
  readonly sockets: { readonly broker: string; readonly admin: string }
  /** What it wrote to standard error so far. */
  readonly errors: () => string
  /** Resolves when it listens. @throws Error when it ended before */
  readonly listening: Promise<void>
  /** Resolves with the exit status, or the signal that killed it. */
  readonly ended: Promise<number | string>
}

/**
 * Runs a daemon in the directories below `directory`, without what `daemon/main.ts` does
 * before: that refuses to run beside what counts the lines of tests.
 *
 * @param after JavaScript that runs in the process beside the daemon.
 * @param environment More of its environment.
 * @param isHardened What it is told of the process it runs in.
 */
export function startProcess(
  t: Test,
  directory: string,
  changes: Partial<ServeOptions> = {},
  after = '',
  environment: NodeJS.ProcessEnv = {},
  isHardened = true,
): DaemonProcess {
  const options: ServeOptions = {
    runtimeDirectory: join(directory, 'run'),
    stateDirectory: join(directory, 'state'),
    configFile: join(directory, 'config.toml'),
    allowLoopbackHttpIssuer: true,
    ...changes,
  }
  const { configFile = '' } = options
  // no key of a test shall stay in the keychain or the kernel of whoever runs it
  if (!existsSync(configFile))
    writeFileSync(configFile, '[vault]\nsealing_key = "memory"\n', { mode: 0o600 })
  const program = `
    import { runUntilSignal } from ${JSON.stringify(MODULE)}
    const hardened = { isClosed: ${isHardened}, writesNoCore: ${isHardened} }
    const running = runUntilSignal(JSON.parse(process.argv[1]), hardened)
    ${after}
    process.exitCode = await running.catch((error) => {
      if (!['StartupError', 'GrantdError'].includes(error.name)) throw error
      process.stderr.write(error.name + ': ' + error.message + '\\nhint: ' + error.hint + '\\n')
      return 1
    })`
  const flags = ['--input-type=module', '-e', program, JSON.stringify(options)]
  chmodSync(directory, 0o700)
  const child = spawn(process.execPath, flags, {
    env: { PATH: process.env['PATH'], HOME: directory, ...environment },
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  const listening = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', () => {
      if (errors.includes('"msg":"listening"')) resolve()
    })
    void ended.then((status) => reject(new Error(`ended with ${status}: ${errors}`)))
  })
  listening.catch(() => undefined) // a test that waits for the end only
  t.teardown(async () => {
    child.kill('SIGTERM')
    const tooLong = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(tooLong)
  })
  const { runtimeDirectory = '' } = options
  const sockets = {
    broker: join(runtimeDirectory, 'broker.sock'),
    admin: join(runtimeDirectory, 'admin.sock'),
  }
  return { child, options, sockets, errors: () => errors, listening, ended }
}
