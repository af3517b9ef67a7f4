import { BURST } from './burst.ts'
import { NEW_CLASS } from './new-class.ts'
import { NEW_EXECUTABLE } from './new-executable.ts'
import { REJECTED_STORM } from './rejected-storm.ts'
import { REPEATED_DENIALS } from './repeated-denials.ts'
import { REPEATED_REFRESHES } from './repeated-refreshes.ts'
import { Shelf } from './shelf.ts'
import { UNUSUAL_HOUR } from './unusual-hour.ts'

/** Every detector with nothing learnt yet. */
export function newShelves(): readonly Pick<Shelf<unknown>, 'event' | 'see' | 'size'>[] {
  return [
    new Shelf(NEW_EXECUTABLE),
    new Shelf(BURST),
    new Shelf(REPEATED_REFRESHES),
    new Shelf(REPEATED_DENIALS),
    new Shelf(REJECTED_STORM),
    new Shelf(UNUSUAL_HOUR),
    new Shelf(NEW_CLASS),
  ]
}
