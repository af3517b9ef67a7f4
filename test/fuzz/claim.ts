/** @throws Error with the sentence, unless it is so; the sentence says what was found */
export function claim(isSo: boolean, sentence: string): asserts isSo {
  if (!isSo) throw new Error(sentence)
}

/** What `read` gives; undefined when it throws an error of that class, as it may. */
export function unlessRefused<T>(
  refusal: abstract new (...args: never[]) => Error,
  read: () => T,
): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof refusal) return undefined
    throw error
  }
}
