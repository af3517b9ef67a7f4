import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, fail, ok } from './finding.ts'
import { within } from './within.ts'

/** Whether a process lets others of its uid look inside; `unknown` to whoever may read everything. */
export type Openness = 'open' | 'closed' | 'unknown'

/** Nothing on disk is read. */
const DEADLINE_MS = 2_000

/**
 * Tries to open the environment of a process, and reads nothing of it.
 *
 * @param uid Our own; root is let in everywhere.
 */
export async function readOpenness(proc: string, pid: number, uid: number): Promise<Openness> {
  if (uid === 0) return 'unknown'
  const attempt = open(join(proc, String(pid), 'environ'), constants.O_RDONLY).then(
    async (file) => {
      await file.close()
      return undefined
    },
    (error: NodeJS.ErrnoException) => error.code ?? '',
  )
  return opennessOf(await within(DEADLINE_MS, attempt, 'late'))
}

/** @param code Of the error; `undefined` when there was none. */
export function opennessOf(code: string | undefined): Openness {
  if (code === undefined) return 'open'
  return code === 'EACCES' || code === 'EPERM' ? 'closed' : 'unknown'
}

/** @param openness Of the daemon; `undefined` where that is not to be seen. */
export function judgeOpenness(openness: Openness | undefined, uid: number): Finding[] {
  if (openness === undefined) return []
  if (openness === 'closed') return [ok('the daemon is closed to your other programs')]
  if (openness === 'open') {
    return [
      fail(
        'your other programs can read the memory of the daemon',
        'end it and start it again; if it stays so, something has opened it',
      ),
    ]
  }
  const what = 'whether the daemon is closed to other programs cannot be told'
  return [uid === 0 ? ok(`${what} by root`) : ok(what)]
}
