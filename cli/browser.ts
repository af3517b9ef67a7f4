import type { World } from './world.ts'

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * The address a browser may be sent to, normalized; undefined when it is not
 * absolute, carries a password, or is neither https nor http on this machine:
 * other schemes start other programs.
 */
export function openableAddress(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return undefined
  if (url.protocol === 'https:') return url.href
  return url.protocol === 'http:' && LOOPBACK.has(url.hostname) ? url.href : undefined
}

/** Sends the person's browser to an address. @returns false when the address is refused */
export async function openBrowser(world: World, address: string | undefined): Promise<boolean> {
  const safe = openableAddress(address)
  if (safe === undefined) return false
  await world.start(world.platform === 'darwin' ? 'open' : 'xdg-open', [safe])
  return true
}
