import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { needsAll, needsRoot } from '../needs.ts'
import { INSIDE, needsNamespaces } from './namespaces.ts'

/** Where the machine has our tree. */
const TREE = '/grantd'

/** A boot takes a second or two; on a busy machine it takes longer. */
const TIMEOUT_MS = 180_000

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SCRIPT = fileURLToPath(new URL('../../../test/system/full-system.sh', import.meta.url))

const PROGRAMS = [
  'systemctl',
  'systemd-run',
  'nsenter',
  'mount',
  'umount',
  'useradd',
  'setpriv',
  'dbus-daemon',
  '/usr/share/pam-configs/systemd',
  '/usr/lib/systemd/user/dbus.socket',
]

/**
 * Runs a test file as root of a machine that a real systemd has booted, with journald, logind
 * and the users' own managers. All it writes is thrown away, except below {@link TREE}, where it
 * can write nothing.
 *
 * @param file The test file itself.
 * @param promises Its tests, which run inside only.
 */
export function onBootedMachine(name: string, file: string, promises: () => void): void {
  t.setTimeout(TIMEOUT_MS)
  if (process.env[INSIDE] !== undefined) {
    promises()
    return
  }
  const { PATH, GRANTD_TEST_ROOT: root } = process.env
  const options = needsAll(needsRoot(), needsNamespaces(...PROGRAMS))
  t.test(name, { ...options, timeout: TIMEOUT_MS }, (t) =>
    t.spawn(
      'unshare',
      [
        '--mount',
        '--propagation=private',
        'bash',
        SCRIPT,
        ROOT,
        process.execPath,
        resolve(TREE, relative(ROOT, file)),
      ],
      // what the runner adds would write where nothing can be written
      { env: { PATH, ...(root && { GRANTD_TEST_ROOT: root }) }, cwd: '/', timeout: TIMEOUT_MS },
    ),
  )
}
