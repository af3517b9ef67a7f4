import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configInvalid } from '../config/config-file.ts'
import { readOwnFile } from '../config/read-own-file.ts'
import { parsePreset } from './parse-preset.ts'
import type { Preset } from './preset.ts'
import { PRESET_NAME } from './preset-keys.ts'

/** Who wrote a preset. */
type PresetOrigin = 'built_in' | 'user'

/** A preset as it lies there now, or what is wrong with its file. */
export interface ShelvedPreset {
  readonly name: string
  readonly origin: PresetOrigin
  /** True for a file of the user's that has the name of one of ours. */
  readonly replacesBuiltIn: boolean
  readonly content: { readonly preset: Preset } | { readonly problem: string }
}

/** All presets. */
export interface PresetShelf {
  /**
   * By name; one that is broken stands among them and hides no other.
   *
   * @throws GrantdError `config_invalid` when the user's directory cannot be read
   */
  list(): readonly ShelvedPreset[]
  /**
   * The user's own where there is one, broken or not: it is never passed over in silence.
   *
   * @throws GrantdError `config_invalid` when the user's directory cannot be read
   */
  find(name: string): ShelvedPreset | undefined
}

const ENDING = '.toml'

/** A person has a handful; more is a directory of something else. */
const MAX_OWN_PRESETS = 256

/**
 * Reads presets whenever somebody asks, and never before: a start has no time for files that
 * are needed at a login.
 *
 * @param options.builtIn Directory of those that came with us.
 * @param options.own Directory of the user's; need not be there. Its files are judged like the configuration.
 * @param options.uid Whose the user's files may be, besides root's.
 */
export function presetShelf(options: {
  readonly builtIn: string
  readonly own: string
  readonly uid: number
}): PresetShelf {
  const { builtIn, own, uid } = options
  const readBuiltIn = (name: string): ShelvedPreset => {
    const path = join(builtIn, name + ENDING)
    const content = judge(name, path, readFileSync(path, 'utf8'))
    return { name, origin: 'built_in', replacesBuiltIn: false, content }
  }
  const readUser = (name: string, replacesBuiltIn: boolean): ShelvedPreset => ({
    name,
    origin: 'user',
    replacesBuiltIn,
    content: readUsers(name, join(own, name + ENDING), uid),
  })
  return {
    list() {
      const ours = new Set(namesIn(builtIn))
      const theirs = new Set(namesIn(own).slice(0, MAX_OWN_PRESETS))
      return [...new Set([...ours, ...theirs])]
        .sort()
        .map((name) => (theirs.has(name) ? readUser(name, ours.has(name)) : readBuiltIn(name)))
    },
    find(name) {
      if (!PRESET_NAME.test(name)) return undefined
      const isOurs = namesIn(builtIn).includes(name)
      if (namesIn(own).includes(name)) return readUser(name, isOurs)
      return isOurs ? readBuiltIn(name) : undefined
    },
  }
}

function readUsers(name: string, path: string, uid: number): ShelvedPreset['content'] {
  if (!PRESET_NAME.test(name))
    return { problem: `${path}: a preset is called by small letters, digits and hyphens` }
  const found = readOwnFile(path, uid)
  if (found.kind === 'text') return judge(name, path, found.text)
  return { problem: `${path}: ${found.kind === 'absent' ? 'is gone' : found.what}` }
}

function judge(name: string, path: string, text: string): ShelvedPreset['content'] {
  const parsed = parsePreset(name, text)
  if ('preset' in parsed) return parsed
  const { line, column, message } = parsed.problem
  return { problem: `${path}:${line}:${column}: ${message}` }
}

/** Names of the files of a directory that end as presets do; none where there is none. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((file) => file.endsWith(ENDING) && /^[\x21-\x7e]+$/.test(file))
      .map((file) => file.slice(0, -ENDING.length))
      .sort()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    // what lies in it may stand in the place of one of ours
    throw configInvalid(`${directory}: cannot be read: ${code}`)
  }
}
