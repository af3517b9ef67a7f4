/** A promise that a test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

/** What `Promise.withResolvers` is from Node 22 on. */
export function deferred<T = void>(): Deferred<T> {
  let settlers: Omit<Deferred<T>, 'promise'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settlers = { resolve, reject }
  })
  if (settlers === undefined) throw new TypeError('a promise starts at once')
  return { promise, ...settlers }
}
