import type { Clock } from '../base/clock.ts'
import { MAX_CACHED_TOKENS, MAX_WAITING_EXCHANGES } from '../base/limits.ts'
import { SteadyClock } from '../base/steady-clock.ts'
import { IdleTime } from '../broker/idle-time.ts'
import { RejectedFloor } from '../broker/rejected-floor.ts'
import type { Rooms } from '../broker/rooms.ts'
import { RateBuckets } from '../policy/rate-buckets.ts'
import { BackOff } from '../refresh/back-off.ts'
import { Flights } from '../refresh/flights.ts'
import { Renewals } from '../token/renewals.ts'
import { TokenCache } from '../token/token-cache.ts'

/** What a daemon forgets when it ends. */
type Memory = Pick<
  Rooms,
  | 'steadyClock'
  | 'rates'
  | 'tokens'
  | 'flights'
  | 'backOff'
  | 'endings'
  | 'random'
  | 'rejectedFloor'
  | 'uses'
  | 'usedBy'
  | 'renewals'
  | 'idle'
>

/** As a daemon begins: nothing was handed out, nothing has failed, nothing is under way. */
export function emptyMemory(clock: Clock): Memory {
  const { random } = Math
  return {
    steadyClock: new SteadyClock(clock),
    rates: new RateBuckets(clock),
    tokens: new TokenCache({ clock, maxTokens: MAX_CACHED_TOKENS }),
    flights: new Flights({ maxWaiting: MAX_WAITING_EXCHANGES }),
    backOff: new BackOff({ clock, random }),
    endings: new Map(),
    random,
    rejectedFloor: new RejectedFloor(),
    uses: new Map(),
    usedBy: new Map(),
    renewals: new Renewals({ clock, random, most: MAX_CACHED_TOKENS }),
    idle: new IdleTime(clock),
  }
}
