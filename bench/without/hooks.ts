import type { InitializeHook, ResolveHook } from 'node:module'

/** A room that a bench can leave out of a daemon. */
export type Room = 'peer' | 'policy' | 'audit'

/** The door of each room, below `dist/daemon/`, that a stand-in of its own name here takes the place of. */
const DOORS: Readonly<Record<Room, string>> = {
  peer: 'peer/identify-peer.js',
  policy: 'policy/current-policy.js',
  audit: 'wiring/audit-trail.js',
}

let standIns: ReadonlyMap<string, string> = new Map()

/** Gets the rooms to leave out. Node calls it on the thread that resolves names. */
export const initialize: InitializeHook<readonly Room[]> = (rooms) => {
  const daemon = new URL('../../daemon/', import.meta.url)
  standIns = new Map(
    rooms.map((room) => [
      new URL(DOORS[room], daemon).href,
      new URL(`./${room}.js`, import.meta.url).href,
    ]),
  )
}

/** Leads to a stand-in whoever asks for the door, but for the stand-in itself. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const found = await nextResolve(specifier, context)
  const url = standIns.get(found.url)
  return url === undefined || url === context.parentURL ? found : { ...found, url }
}
