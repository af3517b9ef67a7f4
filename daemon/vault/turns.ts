/** Lets work on one name happen one after the other, and on different names at once. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs `work` when everything asked for before under this name has ended, however it ended. */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mine = after(this.#last.get(name), work)
    this.#last.set(name, mine)
    void this.#forget(name, mine)
    return mine
  }

  /** Resolves when all that was asked for so far has ended; never rejects. */
  async allEnded(): Promise<void> {
    await Promise.allSettled(this.#last.values())
  }

  async #forget(name: string, mine: Promise<unknown>): Promise<void> {
    await Promise.allSettled([mine])
    if (this.#last.get(name) === mine) this.#last.delete(name)
  }
}

/** Whoever asked for the work before hears how it ended; the next in turn need not. */
async function after<T>(before: Promise<unknown> | undefined, work: () => Promise<T>): Promise<T> {
  await Promise.allSettled([before])
  return await work()
}
