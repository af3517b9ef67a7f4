import { join } from 'node:path'
import { presetShelf } from '../../daemon/preset/preset-shelf.ts'

/** Where the presets that are shipped lie. */
export const PRESETS = join(import.meta.dirname, '..', '..', '..', 'presets')

/** The presets that are shipped, and none of a user's. */
export const BUILT_IN = presetShelf({
  builtIn: PRESETS,
  own: '/nonexistent/presets',
  uid: process.getuid?.() ?? -1,
})
