import type { LoginFlow } from '@grantd/client/protocol'

/** What decides how a person can log in from here. */
export interface LoginPlace {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** True when a person sits at standard input and standard error. */
  readonly isTerminal: boolean
}

/**
 * The browser where a person at a local display asks; the device flow elsewhere, as
 * over ssh a browser would open on the wrong machine and its answer never arrive.
 */
export function defaultFlow({ env, platform, isTerminal }: LoginPlace): LoginFlow {
  if (!isTerminal) return 'device'
  if (isSet(env['SSH_CONNECTION'])) return 'device'
  if (platform === 'darwin') return 'browser'
  return isSet(env['DISPLAY']) || isSet(env['WAYLAND_DISPLAY']) ? 'browser' : 'device'
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}
