import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { look, readText, realPath } from './look.ts'
import type { Places } from './places.ts'
import {
  type BlockDevice,
  parseSwaps,
  type SwapSpace,
  type SwapStore,
  storeOf,
} from './swap-space.ts'
import { within } from './within.ts'

/** How this machine treats the memory of programs; each absent where the kernel does not tell. */
export interface SystemFacts {
  /** Who may attach to whom, `0` to `3`. */
  readonly ptraceScope?: string
  /** What becomes of a core: a name of a file, or `|` and a program. */
  readonly corePattern?: string
  readonly swaps?: readonly (SwapSpace & { readonly store: SwapStore })[]
}

/** Mappings lie on mappings, but not for ever. */
const MAX_DEPTH = 8

/** As for every other file. */
const DEADLINE_MS = 2_000

/** Reads what Linux tells everybody. */
export async function readSystem({ proc, sys }: Places): Promise<SystemFacts> {
  const [ptraceScope, corePattern, swaps] = await Promise.all([
    line(join(proc, 'sys/kernel/yama/ptrace_scope')),
    line(join(proc, 'sys/kernel/core_pattern')),
    readText(join(proc, 'swaps')),
  ])
  return {
    ...(ptraceScope !== undefined && { ptraceScope }),
    ...(corePattern !== undefined && { corePattern }),
    ...(swaps.kind === 'text' && {
      swaps: await Promise.all(
        parseSwaps(swaps.text).map(async (space) => ({
          ...space,
          store: storeOf(await deviceOf(space, sys)),
        })),
      ),
    }),
  }
}

async function line(path: string): Promise<string | undefined> {
  const file = await readText(path)
  return file.kind === 'text' ? file.text.trim() : undefined
}

/** A container sees the swap of its host and not the device. */
async function deviceOf({ path, type }: SwapSpace, sys: string): Promise<BlockDevice | undefined> {
  const link =
    type === 'partition'
      ? join(sys, 'class/block', basename((await realPath(path)) ?? path))
      : await linkOfFile(path, sys)
  const directory = link === undefined ? undefined : await realPath(link)
  return directory === undefined ? undefined : readDevice(directory, MAX_DEPTH)
}

async function linkOfFile(path: string, sys: string): Promise<string | undefined> {
  const found = stat(path, { bigint: true }).catch(() => undefined) // not there for us: unknown
  const stats = await within(DEADLINE_MS, found, undefined)
  return stats === undefined ? undefined : join(sys, 'dev/block', numbersOf(stats.dev))
}

/** Major and minor number as Linux packs them, see makedev(3). */
export function numbersOf(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n)
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}

async function readDevice(directory: string, depth: number): Promise<BlockDevice> {
  const name = basename(directory)
  const mapping = await line(join(directory, 'dm/uuid'))
  const slaves = join(directory, 'slaves')
  const names =
    depth > 0 && (await look(slaves)).kind === 'present'
      ? await within(DEADLINE_MS, readdir(slaves), [])
      : []
  const links = await Promise.all(names.map((each) => realPath(join(slaves, each))))
  const lowers = await Promise.all(
    links.flatMap((link) => (link === undefined ? [] : readDevice(link, depth - 1))),
  )
  return { name, ...(mapping !== undefined && { mapping }), lowers }
}
