import type { Command } from './command.ts'

/** A subcommand before it is loaded. */
export interface CommandEntry {
  /** What it does, in a few words. */
  readonly text: string
  readonly load: () => Promise<Command>
}

/** The subcommands in the order of `grantd --help`; only the chosen one is loaded. */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  ['serve', { text: 'run the daemon', load: () => import('./serve.ts') }],
  ['login', { text: 'log in once; the daemon keeps the grant', load: () => import('./login.ts') }],
  ['token', { text: 'print a short-lived access token', load: () => import('./token.ts') }],
  ['list', { text: 'the grants the daemon holds', load: () => import('./list.ts') }],
  ['show', { text: 'all about one grant', load: () => import('./show.ts') }],
  ['status', { text: 'how the daemon is doing', load: () => import('./status.ts') }],
  ['revoke', { text: 'end a grant, here and at the issuer', load: () => import('./revoke.ts') }],
  ['logout', { text: 'the same as revoke', load: () => import('./revoke.ts') }],
  ['capability', { text: 'sockets that give less', load: () => import('./capability.ts') }],
  [
    'break-glass',
    { text: 'lift marked rules for a while', load: () => import('./break-glass.ts') },
  ],
  ['lock', { text: 'hand out nothing until unlock', load: () => import('./lock.ts') }],
  ['unlock', { text: 'open a locked vault', load: () => import('./unlock.ts') }],
  ['vault', { text: 'who keeps the sealing key; a new one', load: () => import('./vault.ts') }],
  ['preset', { text: 'what is known about issuers', load: () => import('./preset.ts') }],
  ['policy', { text: 'check and explain the rules', load: () => import('./policy.ts') }],
  [
    'audit',
    { text: 'what happened, and whether the log is whole', load: () => import('./audit.ts') },
  ],
  [
    'service',
    { text: 'have systemd or launchd start the daemon', load: () => import('./service.ts') },
  ],
  ['doctor', { text: 'what is wrong, and what to do', load: () => import('./doctor.ts') }],
])
