import { type Detector, wayTo } from './detector.ts'

/** There are five classes; whatever a log claims, no more are remembered. */
const MAX_KNOWN_CLASSES = 8

/**
 * A class of callers that never asked for the grant before, whether it got a token or not.
 * The one that asks first is no surprise.
 */
export const NEW_CLASS: Detector<readonly string[]> = {
  event: 'anomaly.new_class',
  keyOf: (sighting) =>
    sighting.class !== undefined &&
    (sighting.event === 'token.issued' || sighting.event === 'token.denied')
      ? wayTo(sighting)
      : undefined,
  look: (known, sighting) => {
    const { class: asking = '' } = sighting
    if (known === undefined) return { memory: [asking] }
    if (known.includes(asking)) return { memory: known }
    return {
      memory: [...known, asking].slice(-MAX_KNOWN_CLASSES),
      reason: `no caller of the class ${asking} asked for this grant before`,
    }
  },
}
