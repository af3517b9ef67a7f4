import type { BreakGlassDetail } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { countDown } from './duration.ts'

/** `grantd break-glass`. */
export function liftedText(detail: BreakGlassDetail): string {
  const { grant, class: ofClass, lifted } = detail
  const left = countDown(detail.seconds_left)
  return lines([
    `for "${grant}" and the class "${ofClass}" these rules are lifted for ${left}: ${lifted.join(', ')}`,
    `end it with: grantd break-glass --end ${grant}`,
  ])
}

/** `grantd break-glass --end`. */
export function endedText({ grant, used }: BreakGlassDetail): string {
  const tokens = used === 1 ? 'one token' : `${used} tokens`
  return lines([`the rules hold again for "${grant}"; ${tokens} left while they were lifted`])
}

/** What `grantd status` announces of one grant. */
export function announcement(detail: BreakGlassDetail): string {
  const { grant, class: ofClass, reason, lifted, used } = detail
  const left = countDown(detail.seconds_left)
  return `"${grant}", class ${ofClass}, ${left} left, used ${used} times: ${reason} (lifts ${lifted.join(', ')})`
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${printable(text)}\n`).join('')
}
