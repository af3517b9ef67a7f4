import type { Interrupt, World } from './world.ts'

const EXIT: Readonly<Record<Interrupt, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/** The first signal that asks a command to end, as something to wait with. */
export interface Interruption {
  readonly signal: AbortSignal
  /** Exit status after the signal, 128 and its number. */
  readonly exitStatus: () => number
  /** Lets signals end the process again. */
  readonly stop: () => void
}

/** Starts to listen for signals. */
export function interruption(world: Pick<World, 'onInterrupt'>): Interruption {
  const controller = new AbortController()
  let exit = EXIT.SIGINT
  const stop = world.onInterrupt((name) => {
    exit = EXIT[name]
    controller.abort()
  })
  return { signal: controller.signal, exitStatus: () => exit, stop }
}
