import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { requirePrivateDirectory } from '../base/private-directory.ts'
import { removeDurable, sweepLeftovers, writeDurable } from '../platform/durable-file.ts'
import type { Capability } from './capability.ts'
import { formatCapability, parseCapability } from './capability-text.ts'

/** A path and a scope at their longest, and room. */
const MAX_FILE_BYTES = 65_536

const SUFFIX = '.json'

/** What was found on disk. */
interface KeptCapabilities {
  readonly capabilities: readonly Capability[]
  /** Names of files that cannot be read, or are none of ours. */
  readonly broken: readonly string[]
}

/** Where capabilities outlive the daemon: one private file each, without secrets. */
export interface CapabilityStore {
  /** @throws StartupError when the directory is not ours alone */
  read(): Promise<KeptCapabilities>
  /** Durable when it returns. @throws The error of the system call. */
  write(capability: Capability): Promise<void>
  /** @throws The error of the system call. */
  remove(name: string): Promise<void>
}

/** @param directory Made when it is missing, mode 0700. */
export function capabilityStore(directory: string, uid: number): CapabilityStore {
  const pathOf = (name: string): string => join(directory, `${name}${SUFFIX}`)
  return {
    async read() {
      requirePrivateDirectory(directory, uid)
      await sweepLeftovers(directory)
      const capabilities: Capability[] = []
      const broken: string[] = []
      const files = await readdir(directory)
      for (const file of files.filter((name) => name.endsWith(SUFFIX)).sort()) {
        const found = parseCapability(await readText(join(directory, file)))
        // a file under another name would be found again after its removal
        if (found !== undefined && `${found.name}${SUFFIX}` === file) capabilities.push(found)
        else broken.push(file)
      }
      return { capabilities, broken }
    },
    async write(capability) {
      await writeDurable(pathOf(capability.name), Buffer.from(formatCapability(capability)))
    },
    remove: (name) => removeDurable(pathOf(name)),
  }
}

/** @returns Nothing for what cannot be a file of ours: it is broken then. */
async function readText(path: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    // not blocking: a pipe that was put there must not hold up the start
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile() || stats.size > MAX_FILE_BYTES) return ''
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch {
    // unreadable is broken, and it is told by its name
    return ''
  }
}
