import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { needs, needsAll, needsLinux } from '../needs.ts'
import { inOwnMounts } from './own-mounts.ts'

/** Set where we are somebody else already. */
const INSIDE = 'GRANTD_TEST_NOBODY_SPECIAL'

/** Nobody's: no account of a Debian system has it. */
const UID = 64_243

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Runs a test file as an ordinary user: once more and under another uid where we are root,
 * for whom no file mode and no wall between processes counts.
 *
 * @param file The test file itself.
 * @param promises Its tests, which run as an ordinary user only.
 */
export function asNobodySpecial(name: string, file: string, promises: () => void): void {
  if (process.env[INSIDE] !== undefined || process.getuid?.() !== 0) {
    promises()
    return
  }
  inOwnMounts(name, file, needsAll(needsLinux(), needs('setpriv', 'mount')), () => {
    t.test('as an ordinary user', async (t) => {
      // whoever that is may not be let into the directory above ours
      const place = mkdtempSync(join(tmpdir(), 'g-'))
      t.teardown(() => rmdirSync(place))
      execFileSync('mount', ['--bind', ROOT, place])
      t.teardown(() => execFileSync('umount', [place]))
      const command = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups']
      const test = resolve(place, relative(ROOT, file))
      // what the runner adds would write where this user may not
      await t.spawn('env', ['-u', 'NODE_OPTIONS', ...command, process.execPath, test], {
        env: { ...process.env, [INSIDE]: '1' },
        cwd: place,
      })
    })
  })
}
