import { waitingLine } from './text/login-screen.ts'
import type { World } from './world.ts'

/** To the start of the line, and what stands there away. */
const REWIND = '\r\x1b[K'

/** The line under a pending login. */
export interface WaitingLine {
  /** Sets the time that is left, in seconds, and draws the line if it does not stand yet. */
  show(secondsLeft: number): void
  /** Takes the line away. */
  clear(): void
}

/** Counts down on a terminal that can rewrite a line; elsewhere says it once. */
export function waitingLineOn(world: Pick<World, 'stderr' | 'timers' | 'env'>): WaitingLine {
  const { stderr, timers } = world
  const canRewind = stderr.isTTY && world.env['TERM'] !== 'dumb'
  let endsAt = 0
  let stop: (() => void) | undefined
  const text = (): string => waitingLine((endsAt - timers.now()) / 1000)
  const draw = (): void => stderr.write(REWIND + text())

  return {
    show(secondsLeft) {
      endsAt = timers.now() + secondsLeft * 1000
      if (stop !== undefined) return
      stop = canRewind ? timers.every(1000, draw) : () => {}
      if (canRewind) draw()
      else stderr.write(`${text()}\n`)
    },
    clear() {
      if (stop === undefined) return
      stop()
      stop = undefined
      if (canRewind) stderr.write(REWIND)
    },
  }
}
