import type { Capability } from '../../daemon/capability/capability.ts'

/** A capability of the sample grant with every member that can lie on disk. */
export function sampleCapability(changes: Partial<Capability> = {}): Capability {
  return {
    name: 'ci',
    grant: 'work',
    grantId: 'A'.repeat(22),
    scope: ['repo:read'],
    audience: 'https://api.example',
    maxTtlSeconds: 300,
    uses: 2,
    used: 0,
    createdAt: Date.UTC(2030, 0, 1),
    expiresAt: Date.UTC(2030, 0, 2),
    path: '/run/ci.sock',
    gid: 1000,
    ...changes,
  }
}
