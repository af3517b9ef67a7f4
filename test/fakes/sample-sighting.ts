import type { Sighting } from '../../daemon/anomaly/sighting.ts'

/** A token was issued to git on the first morning of 2030. */
export function sampleSighting(changes: Partial<Sighting> = {}): Sighting {
  return {
    event: 'token.issued',
    at: Date.UTC(2030, 0, 1, 9),
    hour: 9,
    grant: 'work',
    executable: '/usr/bin/git',
    pid: 7,
    class: 'local',
    isRejecting: false,
    ...changes,
  }
}
