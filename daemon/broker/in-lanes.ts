/**
 * Does some work for each of many items: at most `width` at a time of one key, and one key
 * never waits for another. Whatever the work of one item throws stops no other.
 */
export async function inLanes<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queues = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    queues.set(key, [...(queues.get(key) ?? []), item])
  }
  const lane = async (queue: T[]): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift())
      await work(item).catch(() => undefined) // how it ended is the business of the work
  }
  await Promise.all(
    [...queues.values()].flatMap((queue) => Array.from({ length: width }, () => lane(queue))),
  )
}
