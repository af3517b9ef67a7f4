/*
 * Loaded before a daemon: a fault in whatever it does with a request that has a percent sign in
 * its path. Which one says GRANTD_TEST_FAULT.
 */
// oxlint-disable-next-line import/no-unassigned-import -- it answers whoever weighs the daemon
import './collect.ts'
import { type IncomingMessage, Server, type ServerResponse } from 'node:http'

const FAULT = process.env['GRANTD_TEST_FAULT']
const KEPT_BYTES = 400_000

const kept: Buffer[] = []
// oxlint-disable-next-line typescript/unbound-method -- called with its own server below
const emit = Server.prototype.emit as (this: Server, event: string, ...rest: unknown[]) => boolean

Server.prototype.emit = function (this: Server, event: string, ...rest: unknown[]): boolean {
  const [request, response] = rest as [IncomingMessage, ServerResponse]
  if (event !== 'request') return emit.call(this, event, ...rest)
  if (FAULT === 'keeps') kept.push(Buffer.alloc(KEPT_BYTES, 1))
  if (request.url?.includes('%') !== true) return emit.call(this, event, ...rest)
  if (FAULT === '500') response.writeHead(500).end()
  if (FAULT === 'rejects') void Promise.reject(new Error('planted'))
  if (FAULT === 'logs') process.stderr.write('{"level":50,"msg":"our own mistake"}\n')
  // stands still with everybody it serves
  if (FAULT === 'loops') for (;;);
  return FAULT === '500' || emit.call(this, event, ...rest)
}
