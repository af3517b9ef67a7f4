import type { Pair } from './ratio.ts'

/** One line of the table: a ratio, and what it should not pass. */
interface Row {
  /** How `--only` finds it. */
  readonly name: string
  readonly what: string
  readonly against: string
  readonly goal: number
  readonly pair: Pair
}

/** Rows that need something started for them. */
export interface RowGroup {
  readonly rows: readonly Row[]
  close(): Promise<void>
}
