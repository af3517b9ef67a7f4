import { type Finding, ok, warn } from './finding.ts'
import type { SwapStore } from './swap-space.ts'
import type { SystemFacts } from './system-facts.ts'

/**
 * What the machine does with memory. The daemon closes itself to debuggers and cores, so that
 * only swap is more than worth knowing.
 *
 * @param isUnswappable Whether the kernel keeps the daemon out of it.
 */
export function judgeSystem(facts: SystemFacts, isUnswappable: boolean): Finding[] {
  const { ptraceScope, corePattern, swaps } = facts
  return [
    ptrace(ptraceScope),
    ...core(corePattern),
    ...(swaps === undefined ? [] : swap(swaps, isUnswappable)),
  ]
}

function ptrace(scope: string | undefined): Finding {
  const itself = 'the daemon closes itself to debuggers'
  if (scope === undefined) return ok(`ptrace: this kernel has no scope; ${itself}`)
  return scope === '0'
    ? ok(
        `ptrace scope 0: programs may attach to others of their user; ${itself}`,
        'to close its first moment, too: sysctl kernel.yama.ptrace_scope=1',
      )
    : ok(`ptrace scope ${scope}`)
}

function core(pattern: string | undefined): Finding[] {
  if (pattern === undefined) return []
  if (!pattern.startsWith('|')) return [ok('cores go to files; the daemon writes none')]
  const [program = ''] = pattern.slice(1).trim().split(' ')
  return [ok(`cores go to ${program}; the daemon writes none`)]
}

const STORES: Readonly<Record<SwapStore, string>> = {
  encrypted: 'is encrypted',
  memory: 'is compressed memory',
  plain: 'is not encrypted',
  unknown: 'may not be encrypted: this cannot be told from here',
}

function swap(spaces: NonNullable<SystemFacts['swaps']>, isUnswappable: boolean): Finding[] {
  if (spaces.length === 0) return [ok('no swap')]
  return spaces.map(({ path, store }) => {
    const what = `swap ${path} ${STORES[store]}`
    if (store === 'encrypted' || store === 'memory') return ok(what)
    return isUnswappable
      ? ok(`${what}; the daemon is kept out of it`)
      : warn(
          `${what}; tokens may be written to it`,
          'put it on dm-crypt, use zram, or run the daemon as a service: grantd service install',
        )
  })
}
