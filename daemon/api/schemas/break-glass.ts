import { BREAK_GLASS_CLASSES, BREAK_GLASS_SECONDS, PATTERNS } from '@grantd/client/protocol'
import { anyInteger, anyString, closed, grantName, text } from './parts.ts'

/** Body of `POST /v1/break-glass`. */
export const breakGlassRequest = closed(
  {
    grant: grantName,
    reason: text(PATTERNS.reason, 200),
    seconds: {
      type: 'integer',
      minimum: BREAK_GLASS_SECONDS.least,
      maximum: BREAK_GLASS_SECONDS.most,
    },
    class: { enum: BREAK_GLASS_CLASSES },
  },
  ['grant', 'reason', 'seconds'],
)

/** Rules that are lifted for a grant. */
export const breakGlassDetail = closed(
  {
    grant: anyString,
    class: anyString,
    reason: anyString,
    lifted: { type: 'array', items: anyString },
    started_at: anyString,
    seconds_left: anyInteger,
    used: anyInteger,
  },
  ['grant', 'class', 'reason', 'lifted', 'started_at', 'seconds_left', 'used'],
)
