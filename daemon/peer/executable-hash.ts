import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import { isServedByProgram, mountType } from './mount-type.ts'

/** Hashes of the programs that processes run. */
export interface ExecutableHashes {
  /**
   * SHA-256 of the file that `pid` runs, in hexadecimal, whatever lies at its path by now.
   * The caller asks afterwards whether the process is still the one it meant.
   *
   * @returns `undefined` when the file cannot be read, is too large, changed meanwhile, is
   *   on a file system that a program serves, or did not come in time.
   */
  hashOf(pid: number): Promise<string | undefined>
}

/** How much hashing may cost. */
export interface HashLimits {
  readonly maxBytes: number
  readonly deadlineMs: number
  /** Files read at the same time; each may hold one of Node's four threads for long. */
  readonly maxAtOnce: number
  /** Hashes kept, by file. */
  readonly maxKnown: number
}

/** Small enough that hashing it delays nobody, a third of a millisecond. */
const CHUNK_BYTES = 262_144

/** Linux: a descriptor that names a file and asks nothing of its file system. */
const O_PATH = 0o10000000

/** A file that changed less than this ago can change again without a new time. */
const RACY_MS = 2_000

/** @param options.clock Tells how long ago a file changed. */
export function createExecutableHashes(options: {
  readonly clock: Clock
  readonly limits: HashLimits
}): ExecutableHashes {
  const { clock, limits } = options
  const known = new Map<string, string>()
  const turns: (() => void)[] = []
  let busy = 0

  /** Runs one at a time for each free turn; late or not, work that began keeps its turn. */
  async function inTurn<T>(
    isWanted: () => boolean,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    if (busy >= limits.maxAtOnce) await new Promise<void>((resolve) => turns.push(resolve))
    else busy += 1
    try {
      return isWanted() ? await work() : undefined
    } finally {
      const next = turns.shift()
      if (next === undefined) busy -= 1
      else next()
    }
  }

  function remember(key: string, hash: string): void {
    known.set(key, hash)
    const [oldest] = known.keys()
    if (known.size > limits.maxKnown && oldest !== undefined) known.delete(oldest)
  }

  async function hashFile(pid: number): Promise<string | undefined> {
    // the path itself is not asked for: another file may lie there by now
    return await withFile(`/proc/${pid}/exe`, O_PATH, async (place) => {
      if (!(await isPlain(place.fd))) return undefined
      return await withFile(`/proc/self/fd/${place.fd}`, constants.O_RDONLY, async (file) => {
        const before = await file.stat({ bigint: true })
        if (!before.isFile() || before.size > limits.maxBytes) return undefined
        const key = keyOf(before)
        const found = known.get(key)
        if (found !== undefined) return found
        const hash = await readAll(file, Number(before.size))
        if (hash === undefined || keyOf(await file.stat({ bigint: true })) !== key) return undefined
        if (clock.now() - Number(before.ctimeMs) > RACY_MS) remember(key, hash)
        return hash
      })
    })
  }

  return {
    async hashOf(pid) {
      let isLate = false
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => {
          isLate = true
          resolve(undefined)
        }, limits.deadlineMs)
      })
      // an unreadable file has no hash, and a rule that asks for one does not match
      const work = inTurn(
        () => !isLate,
        () => hashFile(pid),
      ).catch(() => undefined)
      try {
        return await Promise.race([work, late])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

async function withFile<T>(
  path: string,
  flags: number,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

async function isPlain(fd: number): Promise<boolean> {
  const fdinfo = await readFile(`/proc/self/fdinfo/${fd}`, 'latin1')
  const type = mountType(fdinfo, await readFile('/proc/self/mountinfo', 'latin1'))
  return type !== undefined && !isServedByProgram(type)
}

/** @returns `undefined` when the file is shorter or longer than it said. */
async function readAll(file: FileHandle, size: number): Promise<string | undefined> {
  const hash = createHash('sha256')
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let done = 0
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, done)
    if (bytesRead === 0) break
    hash.update(chunk.subarray(0, bytesRead))
    done += bytesRead
    if (done > size) return undefined
  }
  return done === size ? hash.digest('hex') : undefined
}

/** Two files with the same key are the same file with the same content. */
function keyOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}
