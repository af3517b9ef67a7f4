import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A process that a daemon left behind may still write into its home for a moment. */
const OPTIONS = { recursive: true, force: true, maxRetries: 30, retryDelay: 100 } as const

/** A directory of mode 0700 whose name is short enough for sockets; gone after the test. */
export function shortDirectory(t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'g-'))
  t.teardown(() => rmSync(made, OPTIONS))
  return made
}
