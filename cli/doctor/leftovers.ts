import { join } from 'node:path'
import { GrantdUnreachableError } from '@grantd/client/connection'
import { connectTo } from '../connect.ts'
import type { World } from '../world.ts'
import { type Finding, warn } from './finding.ts'
import { look, type PathFact } from './look.ts'

/** A place in a temporary directory where a daemon would be that finds no better one. */
export interface LeftoverFact {
  readonly path: string
  readonly fact: PathFact
  /** Another daemon answers there, or does something else than nothing. */
  readonly isAlive: boolean
}

/** Long enough for a daemon that lives, as it answers this from memory. */
const TIMEOUT_MS = 1_000

/**
 * Looks for what daemons have left in temporary directories.
 *
 * @param ours Directory of the daemon that is asked about; it is no leftover.
 */
export async function readLeftovers(world: World, ours: string): Promise<readonly LeftoverFact[]> {
  const { TMPDIR, TMP, TEMP } = world.env
  const bases = new Set([TMPDIR || TMP || TEMP || '/tmp', '/tmp'].map((base) => join(base, '.')))
  const paths = [...bases].map((base) => join(base, `grantd-${world.uid}`))
  return await Promise.all(
    paths
      .filter((path) => path.startsWith('/') && path !== ours)
      .map(async (path) => {
        const fact = await look(path)
        const isDirectory = fact.kind === 'present' && fact.type === 'directory'
        return { path, fact, isAlive: isDirectory && (await lives(path)) }
      }),
  )
}

/** Who does not even send a whole answer lives, too: only nobody is dead. */
async function lives(directory: string): Promise<boolean> {
  try {
    const broker = connectTo(join(directory, 'broker.sock'))
    await broker.request({ method: 'GET', path: '/v1/health', timeoutMs: TIMEOUT_MS })
    return true
  } catch (error) {
    if (!(error instanceof GrantdUnreachableError)) return true
    return error.reason !== 'not_running' && error.reason !== 'untrusted'
  }
}

/** Each that should not be there. */
export function judgeLeftovers(leftovers: readonly LeftoverFact[], uid: number): Finding[] {
  return leftovers.flatMap(({ path, fact, isAlive }) => {
    if (fact.kind !== 'present') return []
    if (fact.uid !== uid) {
      return warn(
        `${path} belongs to uid ${fact.uid}: no daemon of yours could start there`,
        'have its owner remove it; a daemon with XDG_RUNTIME_DIR does not need it',
      )
    }
    return isAlive
      ? warn(`another daemon of yours listens in ${path}`, 'end it, or log in through PAM there')
      : warn(`${path} is left over from a daemon that ended`, `remove it: rm -r ${path}`)
  })
}
