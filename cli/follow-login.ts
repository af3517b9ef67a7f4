import { GrantdError } from '@grantd/client/connection'
import type { LoginView } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Connection, Timers } from './world.ts'

/** The longest wait the daemon accepts, in seconds. */
const WAIT_SECONDS = 25

/** Longer than the daemon waits, so that a quiet login is no error. */
const POLL_TIMEOUT_MS = (WAIT_SECONDS + 15) * 1000

/** Between two polls at least, should the daemon answer at once without news. */
const PAUSE_MS = 1000

/** A login lasts half an hour at most: whoever names a longer pause has no end in mind. */
const MAX_PAUSE_MS = 60_000

/** What the follower of a login needs. */
export interface Following {
  readonly admin: Connection
  readonly timers: Pick<Timers, 'now' | 'sleep'>
  readonly signal: AbortSignal
  /** Called with each answer. */
  readonly onView: (view: LoginView) => void
}

/**
 * Asks for the login until it has ended.
 *
 * @returns undefined when `signal` ended the wait.
 */
export async function followLogin(
  { admin, timers, signal, onView }: Following,
  started: LoginView,
): Promise<LoginView | undefined> {
  let view = started
  while (view.state === 'pending') {
    const before = timers.now()
    let pauseMs = PAUSE_MS
    try {
      view = await poll(admin, started.id, signal)
      onView(view)
    } catch (error) {
      if (signal.aborted) return undefined
      pauseMs = retryMs(error)
    }
    // the clock may be set back meanwhile
    const leftMs = Math.min(pauseMs, before + pauseMs - timers.now())
    if (view.state === 'pending') await timers.sleep(leftMs, signal)
    if (view.state === 'pending' && signal.aborted) return undefined
  }
  return view
}

/** How long to leave the daemon alone after an error that passes; others are thrown. */
function retryMs(error: unknown): number {
  if (!(error instanceof GrantdError && error.isRetryable)) throw error
  return Math.min(Math.max(PAUSE_MS, (error.retryAfterSeconds ?? 0) * 1000), MAX_PAUSE_MS)
}

async function poll(admin: Connection, id: string, signal: AbortSignal): Promise<LoginView> {
  const path = `/v1/logins/${encodeURIComponent(id)}?wait=${WAIT_SECONDS}`
  return answer<LoginView>(
    await admin.request({ method: 'GET', path, timeoutMs: POLL_TIMEOUT_MS, signal }),
    'state',
    'expires_in',
  )
}
