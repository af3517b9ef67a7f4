/** A program that got a token of a grant. */
export interface UsedBy {
  /** Absolute path. */
  readonly executable: string
  /** When it got the last one; milliseconds since the epoch. */
  readonly at: number
}

/** More programs than anybody uses with one grant; beyond it those that came last longest ago go. */
export const MAX_USED_BY = 16

/** Programs lie at shorter paths; a longer one is left out, since each is kept in the record. */
export const MAX_PATH_LENGTH = 512

/** The newest first. @param executable `undefined` when nobody knows it. */
export function withUse(
  known: readonly UsedBy[],
  executable: string | undefined,
  at: number,
): readonly UsedBy[] {
  if (executable === undefined) return known
  const [newest, ...others] = known
  // as nearly always: the same one again
  if (newest?.executable === executable && newest.at <= at) return [{ executable, at }, ...others]
  return mergeUsedBy(known, [{ executable, at }])
}

/** What two lists know together: each program once, with its last use, the newest first. */
export function mergeUsedBy(one: readonly UsedBy[], other: readonly UsedBy[]): readonly UsedBy[] {
  const last = new Map<string, number>()
  for (const { executable, at } of [...one, ...other])
    if (executable.length <= MAX_PATH_LENGTH)
      last.set(executable, Math.max(at, last.get(executable) ?? at))
  return [...last]
    .map(([executable, at]) => ({ executable, at }))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, MAX_USED_BY)
}
