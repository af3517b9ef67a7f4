import type { ConsentQuestion } from './consent.ts'

/**
 * What a yes is bound to: this process and no later one of its number, this run of this
 * program, this socket, this login, and exactly what was asked for.
 */
export function consentKey(question: ConsentQuestion): string {
  const { peer, listener, grantId, scope, audience, lifetimeSeconds, lifting } = question
  return JSON.stringify([
    peer.pid,
    peer.startTime ?? null,
    peer.executable ?? null,
    peer.image ?? null,
    listener,
    grantId,
    scope.toSorted(),
    audience ?? null,
    lifetimeSeconds ?? null,
    ...(lifting === undefined ? [] : [lifting]),
  ])
}

/** A process whose start is not known may be another one tomorrow: of it nothing is remembered. */
export function isMemorable({ peer }: ConsentQuestion): boolean {
  return peer.startTime !== undefined && peer.executable !== undefined
}

/** The program, whatever process runs it: who is refused may start another process. */
export function programKey({ peer }: ConsentQuestion): string {
  return peer.executable ?? `pid ${peer.pid}`
}
