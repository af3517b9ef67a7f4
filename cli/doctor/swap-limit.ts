import { join } from 'node:path'
import { readText } from './look.ts'
import type { Places } from './places.ts'

/**
 * Whether the control group of a process allows it no swap, as `MemorySwapMax=0` of the
 * service does where its manager is in charge of memory.
 *
 * @see cgroups(7), the kernel's cgroup-v2.rst on `memory.swap.max`
 */
export async function isKeptOutOfSwap({ proc, sys }: Places, pid: number): Promise<boolean> {
  const groups = await readText(join(proc, String(pid), 'cgroup'))
  const path = groups.kind === 'text' ? /^0::(\/.*)$/m.exec(groups.text)?.[1] : undefined
  if (path === undefined) return false
  const limit = await readText(join(sys, 'fs/cgroup', path, 'memory.swap.max'))
  return limit.kind === 'text' && limit.text.trim() === '0'
}
