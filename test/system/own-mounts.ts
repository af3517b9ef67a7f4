import { readlinkSync } from 'node:fs'
import t from 'tap'
import type { Needs } from '../needs.ts'
import { UNSHARE } from './namespaces.ts'

/** Set where we are already inside; it names the mount namespace we came from. */
const OUTSIDE = 'GRANTD_TEST_OUTSIDE_MOUNTS'

const mounts = (): string => readlinkSync('/proc/self/ns/mnt')

/**
 * Runs a test file once more, in a mount namespace of its own: what it mounts there is seen by
 * nobody outside, and goes with it.
 *
 * @param file The test file itself.
 * @param promises Its tests, which run inside only.
 * @throws Error where the mounts inside would be those of the whole machine
 */
export function inOwnMounts(
  name: string,
  file: string,
  options: Needs,
  promises: () => void,
): void {
  const outside = process.env[OUTSIDE]
  if (outside === undefined) {
    // private: what is mounted inside is seen by nobody outside
    const [program, ...args] = [...UNSHARE, '--mount', '--propagation=private', process.execPath]
    t.test(name, options, (t) =>
      t.spawn(program ?? '', [...args, file], { env: { ...process.env, [OUTSIDE]: mounts() } }),
    )
    return
  }
  if (!/^mnt:\[\d+\]$/.test(outside) || mounts() === outside)
    throw new Error('these mounts are those of the whole machine')
  promises()
}
