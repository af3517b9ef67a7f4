import { EventEmitter, once } from 'node:events'

/** Work that ends when a test says so, and how it says. */
export interface Pending {
  readonly work: () => Promise<void>
  readonly end: () => void
  readonly fail: (error: Error) => void
}

/** Work that has not ended yet. */
export function pending(): Pending {
  const gate = new EventEmitter()
  const opened = once(gate, 'open')
  return {
    work: async () => void (await opened),
    end: () => void gate.emit('open'),
    fail: (error) => void gate.emit('error', error),
  }
}
