import type { ProcessTable } from './process-table.ts'

/** A process that something shall end with. */
export interface ProcessTie {
  readonly pid: number
  readonly startTime: string
  /** False for good once it has ended, whoever has its pid by then. */
  isAlive(): boolean
  /** Lets go of the one descriptor that is held. */
  release(): void
}

/**
 * Ties something to the process that has the pid now. What it runs does not matter: a
 * shell may become the program it was started for.
 *
 * @returns `undefined` when there is no such process.
 */
export function tieToProcess(
  processes: Pick<ProcessTable, 'hold'>,
  pid: number,
): ProcessTie | undefined {
  const held = processes.hold(pid)
  const first = held?.stat()
  if (held === undefined || first === undefined || hasEnded(first.state)) {
    held?.release()
    return undefined
  }
  const { startTime } = first
  return {
    pid,
    startTime,
    isAlive: () => {
      const now = held.stat()
      return now !== undefined && now.startTime === startTime && !hasEnded(now.state)
    },
    release: () => held.release(),
  }
}

/** Dead, and perhaps not yet forgotten by its parent. */
function hasEnded(state: string): boolean {
  return /[ZX]/.test(state)
}
