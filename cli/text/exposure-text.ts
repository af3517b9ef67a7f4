import type { Exposure, GrantDetail } from '@grantd/client/protocol'

/** The flags of the wire, for a person. */
const WORDS: Readonly<Record<Exposure, string>> = {
  non_rotating: 'non-rotating',
  never_expiring: 'never-expiring',
  unused_30d: 'unused for 30 days',
  older_than_policy: 'older than policy',
}

/** What makes a grant worth more to a thief than it has to be; `undefined` when nothing does. */
export function exposureText({ exposure = [] }: Pick<GrantDetail, 'exposure'>): string | undefined {
  if (exposure.length === 0) return undefined
  // a daemon of another version may know more
  return exposure.map((flag) => (Object.hasOwn(WORDS, flag) ? WORDS[flag] : flag)).join(', ')
}
