import type { Anomaly } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import { anomalyView, type Finding } from './anomaly.ts'
import { type Count, countWithin } from './count-within.ts'
import { isAnomaly } from './detector.ts'
import { newShelves } from './detectors.ts'
import { type Moment, sightingOf, sightingOfLine } from './sighting.ts'

/** Anomalies that are told in one minute: a flood of them must not fill the log. */
const MAX_TOLD = 30

/** Anomalies that `status` shows. */
const MAX_RECENT = 8

/** Shows every record to every detector. */
export class AnomalyWatch {
  readonly #momentOf: (at: number) => Moment
  readonly #shelves = newShelves()
  #recent: readonly Anomaly[] = []
  #total = 0
  #untold = 0
  #told: Count | undefined

  /** @param momentOf What a time is on the wall, milliseconds since the epoch. */
  constructor(momentOf: (at: number) => Moment) {
    this.#momentOf = momentOf
  }

  /** Found since the start. */
  get total(): number {
    return this.#total
  }

  /** Of these, how many were only counted, as too many came at once. */
  get untold(): number {
    return this.#untold
  }

  /** The newest of those that were told, the newest first. */
  get recent(): readonly Anomaly[] {
    return this.#recent
  }

  /** Learns from lines of the log, the oldest first, and raises nothing. */
  learn(lines: readonly string[]): void {
    for (const line of lines) {
      const sighting = sightingOfLine(line, this.#momentOf)
      if (sighting === undefined || isAnomaly(sighting.event)) continue
      for (const shelf of this.#shelves) shelf.see(sighting)
    }
  }

  /**
   * @param at Milliseconds since the epoch.
   * @returns What is to be told. An anomaly is never one itself.
   */
  see(cause: AuditEntry, at: number): readonly Finding[] {
    if (isAnomaly(cause.event)) return []
    const sighting = sightingOf(cause, this.#momentOf(at))
    const findings: Finding[] = []
    for (const shelf of this.#shelves) {
      const reason = shelf.see(sighting)
      if (reason === undefined) continue
      this.#total += 1
      const finding = { event: shelf.event, reason, cause, at }
      if (this.#mayTell(at)) findings.push(finding)
      else this.#untold += 1
    }
    if (findings.length > 0)
      this.#recent = [...findings.map(anomalyView).toReversed(), ...this.#recent].slice(
        0,
        MAX_RECENT,
      )
    return findings
  }

  #mayTell(at: number): boolean {
    const bound = { most: MAX_TOLD, seconds: 60, what: 'anomalies' }
    this.#told = countWithin(this.#told, at, bound).memory
    return this.#told.count <= MAX_TOLD
  }
}
