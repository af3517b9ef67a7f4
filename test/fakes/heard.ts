import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What a caller of a socket hears that has nothing to say. */
export async function heard(path: string): Promise<'hung up' | 'refused' | 'waits'> {
  const socket = connect(path)
  const ended = once(socket.resume(), 'close').then(
    () => 'hung up' as const,
    () => 'refused' as const,
  )
  const outcome = await Promise.race([ended, pause(10_000, 'waits' as const, { ref: false })])
  socket.destroy()
  return outcome
}
