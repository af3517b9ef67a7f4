/** Lets work on one name happen one after the other, and on different names at once. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Runs `work` when everything asked for before under this name has ended, however it ended. */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    const mine = before.then(work)
    const ended = mine.then(ignore, ignore).then(() => {
      if (this.#last.get(name) === ended) this.#last.delete(name)
    })
    this.#last.set(name, ended)
    return mine
  }

  /** Resolves when all that was asked for so far has ended; never rejects. */
  async allEnded(): Promise<void> {
    await Promise.all(this.#last.values())
  }
}

function ignore(): void {
  // Whoever asked for the work hears how it ended; the next in turn need not.
}
