import type { ConsentQuestion } from '../../daemon/consent/consent.ts'
import { API, samplePeer } from './sample-grant.ts'

/** What an ordinary process asks a person for, but for what a test says. */
export function sampleQuestion(changes: Partial<ConsentQuestion> = {}): ConsentQuestion {
  return {
    peer: samplePeer(),
    ancestors: () => [],
    listener: 'broker',
    grant: 'work',
    grantId: 'grant-1',
    scope: ['repo:read'],
    audience: API,
    lifetimeSeconds: 300,
    purpose: 'git fetch',
    ...changes,
  }
}
