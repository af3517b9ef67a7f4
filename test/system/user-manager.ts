import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { needs, needsAll, needsRoot } from '../needs.ts'
import { INSIDE, needsNamespaces, OWN_PIDS } from './namespaces.ts'

/** Nobody's: no account of a Debian system has it. */
const UID = '64244'

/** A manager restarts things at its own pace. */
const TIMEOUT_MS = 180_000

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SCRIPT = fileURLToPath(new URL('../../../test/system/user-manager.sh', import.meta.url))

const NAMESPACES = ['--mount', ...OWN_PIDS, '--propagation=private']

/**
 * Runs a test file as a user of its own whom a real systemd serves, in namespaces that take
 * the user, the manager and all it has started with them.
 *
 * @param file The test file itself.
 * @param promises Its tests, which run inside only.
 */
export function underUserManager(name: string, file: string, promises: () => void): void {
  if (process.env[INSIDE] !== undefined) {
    t.setTimeout(TIMEOUT_MS)
    promises()
    return
  }
  const options = needsAll(
    needsRoot(),
    needsNamespaces('systemctl', 'dbus-daemon', 'setpriv', 'mount', 'umount'),
    needs('systemd-run'),
  )
  t.setTimeout(TIMEOUT_MS)
  t.test(name, { ...options, timeout: TIMEOUT_MS }, async (t) => {
    const place = mkdtempSync(join(tmpdir(), 'g-'))
    t.teardown(() => rmdirSync(place))
    const inside = resolve(place, relative(ROOT, file))
    const command = [SCRIPT, UID, place, ROOT, process.execPath, inside]
    await t.spawn('unshare', [...NAMESPACES, 'bash', ...command], {
      env: { ...process.env, [INSIDE]: '1' },
      cwd: '/',
      timeout: TIMEOUT_MS,
    })
  })
}
