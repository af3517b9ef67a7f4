import { readdirSync, readFileSync } from 'node:fs'

/**
 * Milliseconds that all threads of a process have had a processor, as the scheduler counts them.
 *
 * @see Documentation/scheduler/sched-stats.rst
 */
function processorTime(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1_000_000
}

/**
 * What a server spends on so many requests, one after the other on a connection.
 *
 * @returns Resolves with milliseconds of its processor time.
 */
export function serverTime(
  pid: number,
  ask: () => Promise<void>,
  requests: number,
): () => Promise<number> {
  return async () => {
    const before = processorTime(pid)
    for (let i = 0; i < requests; i++) await ask()
    return processorTime(pid) - before
  }
}
