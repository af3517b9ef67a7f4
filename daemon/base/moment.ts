import type { Clock } from './clock.ts'

/**
 * One moment by both clocks. The wall clock may be set back, and the monotonic one may
 * stand still while the machine sleeps: the one by which more time has passed counts.
 */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

/** Now. */
export function momentOf(clock: Clock): Moment {
  return { wall: clock.now(), monotonic: clock.monotonic() }
}

/** @param ms From now on; may be a fraction. */
export function momentIn(clock: Clock, ms: number): Moment {
  return { wall: clock.now() + ms, monotonic: clock.monotonic() + ms }
}

/** Milliseconds that have passed since then. */
export function msSince(clock: Clock, { wall, monotonic }: Moment): number {
  return Math.max(clock.now() - wall, clock.monotonic() - monotonic)
}

/** Milliseconds that are left until then; below 0 once it is past. */
export function msUntil(clock: Clock, moment: Moment): number {
  return -msSince(clock, moment)
}
