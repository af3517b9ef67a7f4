/** One line of `grantd doctor`. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly what: string
  /** What to do about it. */
  readonly advice?: string
}

/** Nothing is wrong; what is said beside it is for whoever wants more. */
export function ok(what: string, advice?: string): Finding {
  return advice === undefined ? { level: 'ok', what } : { level: 'ok', what, advice }
}

/** Works, and should be better. */
export function warn(what: string, advice: string): Finding {
  return { level: 'warn', what, advice }
}

/** Something is wrong. */
export function fail(what: string, advice: string): Finding {
  return { level: 'fail', what, advice }
}
