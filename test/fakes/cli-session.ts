import type { Test } from 'tap'
import { run } from '../../cli/run.ts'
import { CliDaemon, type Script } from './cli-daemon.ts'
import { FakeWorld, type FakeWorldOptions } from './cli-world.ts'

/** One command after its end. */
export interface Session {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  readonly world: FakeWorld
  readonly daemon: CliDaemon
}

/** A daemon and a world that talks to it, both gone with the test. */
export async function scene(
  t: Test,
  script: Script,
  options: FakeWorldOptions = {},
): Promise<{ daemon: CliDaemon; world: FakeWorld }> {
  const daemon = await CliDaemon.start(script)
  t.teardown(() => daemon.stop())
  const world = new FakeWorld({
    socketPath: (listener) => daemon.socketPath(listener),
    ...options,
  })
  return { daemon, world }
}

/** Runs `grantd ARGV` against a scripted daemon. */
export async function session(
  t: Test,
  argv: readonly string[],
  script: Script = {},
  options: FakeWorldOptions = {},
): Promise<Session> {
  const { daemon, world } = await scene(t, script, options)
  const exit = await run(world, argv)
  return { exit, stdout: world.stdout.text, stderr: world.stderr.text, world, daemon }
}
