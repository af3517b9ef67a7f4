import type { AuditLog } from '../audit/audit-log.ts'
import type { Clock } from '../base/clock.ts'
import { BREAK_GLASS_CHECK_MS, MAX_BROKEN_GLASS } from '../base/limits.ts'
import { BrokenGlass } from '../broker/broken-glass.ts'
import type { ConfigFiles } from '../config/config-files.ts'

/** Nothing is lifted as a daemon begins. */
export function brokenGlass(
  clock: Clock,
  config: Pick<ConfigFiles, 'current'>,
  audit: Pick<AuditLog, 'append'>,
): BrokenGlass {
  return new BrokenGlass({
    clock,
    audit,
    rules: () => rulesOf(config),
    max: MAX_BROKEN_GLASS,
  })
}

/** A new object each time the text changed, and never that of before while it is broken. */
function rulesOf(config: Pick<ConfigFiles, 'current'>): unknown {
  try {
    return config.current()
  } catch {
    return undefined // whoever asks for a token is told what is wrong with it
  }
}

/**
 * Puts on record once a second what has ended by itself: a request finds out without that.
 *
 * @returns What stops it.
 */
export function watchBrokenGlass(glass: Pick<BrokenGlass, 'sweep'>): () => void {
  const timer = setInterval(() => glass.sweep(), BREAK_GLASS_CHECK_MS)
  return () => clearInterval(timer)
}
