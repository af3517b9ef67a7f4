import { type Detector, wayTo } from './detector.ts'

/** More programs than anybody uses with one grant; beyond it the one learnt first is new again. */
const MAX_KNOWN_PROGRAMS = 32

/** A program that never got a token of the grant before; the first of all is no surprise. */
export const NEW_EXECUTABLE: Detector<readonly string[]> = {
  event: 'anomaly.new_executable',
  keyOf: (sighting) =>
    sighting.event === 'token.issued' && sighting.executable !== undefined
      ? wayTo(sighting)
      : undefined,
  look: (known, { executable = '' }) => {
    if (known === undefined) return { memory: [executable] }
    if (known.includes(executable)) return { memory: known }
    return {
      memory: [...known, executable].slice(-MAX_KNOWN_PROGRAMS),
      reason: 'the program never had a token of this grant before',
    }
  },
}
