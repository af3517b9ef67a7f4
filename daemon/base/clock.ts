/** Time as a parameter: no room but this one asks the machine what time it is. */
export interface Clock {
  /** Wall time in milliseconds since the epoch; may jump. */
  now(): number
  /** Milliseconds since an arbitrary start; never goes back, may stand still during suspend. */
  monotonic(): number
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
