/** What a search for a smaller input may cost. */
export interface Patience {
  readonly tries: number
  readonly milliseconds: number
}

/**
 * Takes parts out of an input, large ones first, as long as it still fails.
 *
 * @param stillFails Asked about each smaller input.
 * @returns The input itself when nothing can go, or patience ends.
 */
export async function minimise(
  input: Buffer,
  stillFails: (smaller: Buffer) => boolean | Promise<boolean>,
  { tries, milliseconds }: Patience,
): Promise<Buffer> {
  const end = performance.now() + milliseconds
  let smallest = input
  let left = tries
  for (let part = Math.ceil(input.length / 2); part >= 1; part = part === 1 ? 0 : part >> 1) {
    for (let at = 0; at < smallest.length; ) {
      if (left-- <= 0 || performance.now() > end) return smallest
      const smaller = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + part)])
      // one after the other: each goes on from what the one before left
      if (await stillFails(smaller)) smallest = smaller
      else at += part
    }
  }
  return smallest
}
