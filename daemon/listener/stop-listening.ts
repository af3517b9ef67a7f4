import { Server } from 'node:net'

/**
 * Accepts nobody any more, and leaves everybody alone who was accepted: the `close` of an
 * HTTP server resets connections that have not asked yet, whose callers cannot know why.
 * On a socket that a service manager has bound, whoever comes now waits for the next daemon.
 */
export function stopListening(server: Server): void {
  Server.prototype.close.call(server)
}
