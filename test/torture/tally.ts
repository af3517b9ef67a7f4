import type { Verdict } from './judge.ts'

/** What one kill showed. */
export interface Kill {
  readonly operation: string
  /** Name of the step, or where a random moment happened to be. */
  readonly step: string
  /** One for each grant that was at stake. */
  readonly verdicts: readonly Verdict[]
  /** Logins that left a refresh token at the issuer that nobody has. */
  readonly orphans: number
  /** Sentences; every one of them is a promise that was broken. */
  readonly broken: readonly string[]
}

interface Row {
  kills: number
  grants: number
  orphans: number
  broken: number
  readonly verdicts: Record<Verdict, number>
}

const HEAD = ['kills', 'grants', 'live', 'lost: on the way', 'in memory', 'without need', 'orphans']

/** Adds up kills, by operation and step. */
export class Tally {
  readonly #rows = new Map<string, Map<string, Row>>()
  readonly #broken: string[] = []
  #kills = 0

  /** @param order What comes first in the table; the rest follows as it happens. */
  constructor(order: readonly { readonly operation: string; readonly name: string }[] = []) {
    for (const { operation, name } of order) this.#row(operation, name)
  }

  add({ operation, step, verdicts, orphans, broken }: Kill): void {
    const row = this.#row(operation, step)
    row.kills += 1
    row.grants += verdicts.length
    row.orphans += orphans
    row.broken += broken.length
    for (const verdict of verdicts) row.verdicts[verdict] += 1
    this.#kills += 1
    for (const sentence of broken) this.#broken.push(`${operation}, ${step}: ${sentence}`)
  }

  get kills(): number {
    return this.#kills
  }

  /** Grants that were lost, all of them. */
  get lost(): number {
    const { verdicts } = this.#total()
    return verdicts['lost on the way'] + verdicts['lost in memory'] + verdicts['lost without need']
  }

  /** Sentences of all kills; empty when every promise was kept. */
  get broken(): readonly string[] {
    return this.#broken
  }

  /** Lines of text for a person. */
  table(): string {
    const killed = [...this.#rows].map(([operation, steps]) => {
      return { operation, steps: [...steps].filter(([, { kills }]) => kills > 0) }
    })
    const names = killed.flatMap(({ steps }) => steps.map(([name]) => name))
    const width = Math.max(5, ...names.map((name) => name.length)) + 2
    const lines = [line('', HEAD, width)]
    for (const { operation, steps } of killed) {
      if (steps.length > 0) lines.push(operation)
      for (const [step, row] of steps) lines.push(line(`  ${step}`, figures(row), width))
    }
    lines.push(line('all', figures(this.#total()), width))
    return lines.join('\n')
  }

  #row(operation: string, step: string): Row {
    const steps = this.#rows.get(operation) ?? new Map<string, Row>()
    const row = steps.get(step) ?? emptyRow()
    this.#rows.set(operation, steps.set(step, row))
    return row
  }

  #total(): Row {
    const total = emptyRow()
    for (const steps of this.#rows.values())
      for (const row of steps.values()) {
        total.kills += row.kills
        total.grants += row.grants
        total.orphans += row.orphans
        total.broken += row.broken
        for (const verdict of VERDICTS) total.verdicts[verdict] += row.verdicts[verdict]
      }
    return total
  }
}

const VERDICTS = ['lives', 'lost on the way', 'lost in memory', 'lost without need'] as const

function emptyRow(): Row {
  return {
    kills: 0,
    grants: 0,
    orphans: 0,
    broken: 0,
    verdicts: { lives: 0, 'lost on the way': 0, 'lost in memory': 0, 'lost without need': 0 },
  }
}

function figures({ kills, grants, orphans, verdicts }: Row): readonly string[] {
  return [kills, grants, ...VERDICTS.map((verdict) => verdicts[verdict]), orphans].map(String)
}

function line(name: string, cells: readonly string[], width: number): string {
  const right = cells.map((cell, at) => cell.padStart((HEAD[at]?.length ?? 0) + 2))
  return name.padEnd(width) + right.join('')
}
