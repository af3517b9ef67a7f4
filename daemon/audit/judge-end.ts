import { BEGINNING, type Head, isMadeWith } from './chain.ts'
import type { ChainKey } from './chain-key.ts'
import type { LogEnd } from './find-end.ts'
import type { KeyState } from './key-file.ts'

/** What a start makes of the log it finds. */
export interface EndVerdict {
  /** Behind which the chain goes on. */
  readonly head: Head
  /** The key that signs the next seal; undefined when there is none. */
  readonly key: ChainKey | undefined
  /** What is wrong with the end, in our own words. */
  readonly damage?: string
}

/** Compares the end of a log with what is known of it beside the log. */
export function judgeEnd({ lines }: LogEnd, known: KeyState | undefined): EndVerdict {
  const last = lines[0]?.head ?? BEGINNING
  if (known === undefined) return { head: last, key: undefined }
  const keys = known.next === undefined ? [known.current] : [known.current, known.next]
  for (const [index, { link, head }] of lines.entries()) {
    const isKnown = head.seq === known.head.seq && head.hash === known.head.hash
    const maker =
      head.seq > known.head.seq ? keys.find(({ mac }) => isMadeWith(mac, link)) : undefined
    if (!isKnown && maker === undefined) continue
    const damage = index === 0 ? {} : { damage: 'lines that nobody of ours wrote stand at the end' }
    return { head, key: maker ?? known.current, ...damage }
  }
  const isEmptyAsKnown = lines.length === 0 && known.head.seq === 0
  if (isEmptyAsKnown) return { head: BEGINNING, key: known.current }
  return { head: last, key: known.current, damage: 'lines that had been written are gone' }
}
