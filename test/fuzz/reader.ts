/** Code that reads bytes somebody else may have written. */
export interface Reader {
  /** What `--target` calls it. */
  readonly name: string
  /** Inputs it reads to the end; everything that is tried grows out of them. */
  readonly seeds: readonly Buffer[]
  /** Words of its language, which chance alone would not write. */
  readonly words: readonly string[]
  /** How long one input may take; default 3 s. */
  readonly deadlineMs?: number
  /** @throws Whatever is wrong with the reader; what is wrong with the input is no error here */
  check(input: Buffer): void
}

/** What was found, and what it takes to see it again. */
export interface Finding {
  /** A few words by which two findings are told to be one. */
  readonly what: string
  /** Number of the run, which makes the input again with the seed. */
  readonly run: number
  /** As small as it became. */
  readonly input: Buffer
}

/** What came of the runs of one target. */
export interface Outcome {
  readonly target: string
  readonly runs: number
  /** The longest that one input took. */
  readonly slowestMs: number
  /** What memory grew by after the warm-up. */
  readonly growthBytes: number
  /** No more than one: the next run begins when it is mended. */
  readonly finding: Finding | undefined
}
