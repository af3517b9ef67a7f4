/** What asks somebody who may answer anything, and takes its time over it. */
export interface Conversation {
  /** What `--target` calls it. */
  readonly name: string
  /** Answers it takes; everything that is tried grows out of them. */
  readonly seeds: readonly Buffer[]
  /** Words of their language, which chance alone would not write. */
  readonly words: readonly string[]
  open(): Promise<OpenConversation>
}

/** A conversation with somebody at the other end. */
interface OpenConversation {
  /** @throws Whatever is wrong with who asked; what is wrong with the answer is no error here */
  check(answer: Buffer): Promise<void>
  close(): Promise<void>
}
