import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { World } from '../integration/world.ts'
import type { Fault, FaultAfter } from '../issuers/faults.ts'
import type { Arena } from './arena.ts'
import type { Seen } from './crash-point.ts'
import type { Step } from './steps.ts'

/** When a daemon dies: at a step that has a name, or so many milliseconds after it was asked. */
export type Moment = Step | { readonly afterMs: number }

/** What a killed daemon leaves behind. */
export interface Remains<T> {
  /** What the daemon did since it was asked. */
  readonly trace: readonly Seen[]
  /** What whoever asked got; `undefined` for one that got no answer. */
  readonly answers: readonly (T | undefined)[]
}

/**
 * Asks something of the daemon, kills it at a moment, and starts the next one.
 *
 * @param ask Each of its promises is an answer that somebody waits for.
 * @param isQueued True when the proxy knows already what it has to hold, default false.
 * @throws Error when the step was never reached: a harness that kills nowhere proves nothing
 */
export async function killAt<T>(
  arena: Arena,
  moment: Moment,
  ask: () => readonly Promise<T>[],
  isQueued = false,
): Promise<Remains<T>> {
  const { world, victim } = arena
  const { proxy } = world.issuer
  const reaching = 'reached' in moment ? moment.reached : undefined
  await victim.begin(reaching?.kind === 'point' ? reaching.point : undefined)
  if (reaching?.kind === 'held' && !isQueued) proxy.next(reaching.fault, 1, reaching.path)
  const asked = Promise.allSettled(ask())
  await within(arena.reachedWithinMs, moment, reached(arena, moment, asked))
  if (reaching?.kind !== 'point') await world.kill()
  const signal = await victim.gone()
  if (signal !== 'SIGKILL') throw new Error(`the daemon ended by itself: ${world.output()}`)
  const answers = (await asked).map((one) => (one.status === 'fulfilled' ? one.value : undefined))
  const trace = withLastRenames(victim.trace(), leftovers(world))
  proxy.heal()
  proxy.discard()
  await world.restart()
  return { trace, answers }
}

/**
 * A process that is killed from outside may not live to tell that a rename is done: it is
 * when the file it began with is not there any more.
 *
 * @param left Names of files that were not renamed.
 */
export function withLastRenames(trace: readonly Seen[], left: readonly string[]): readonly Seen[] {
  const times = (side: Seen['when'], target: string): number =>
    trace.filter((one) => one.call === 'rename' && one.when === side && one.target === target)
      .length
  const untold = new Set(
    trace
      .filter(({ call }) => call === 'rename')
      .map(({ target }) => target)
      .filter((target) => times('before', target) > times('after', target))
      .filter((target) => !left.some((name) => name.startsWith(`.${basename(target)}.`))),
  )
  const done = [...untold].map((target): Seen => {
    return { call: 'rename', when: 'after', target, text: '' }
  })
  return [...trace, ...done]
}

function leftovers({ stateDirectory }: World): readonly string[] {
  return readdirSync(join(stateDirectory, 'grants')).filter((name) => name.startsWith('.'))
}

/** What a fault becomes once a request of the daemon is held that comes before it. */
export function heldBefore(moment: Moment): Fault {
  if (!('reached' in moment) || moment.reached.kind !== 'held') return { kind: 'hold_request' }
  const { fault } = moment.reached
  const isLater = ['hold', 'stall'].includes(fault.kind)
  return isLater ? { kind: 'hold_request', next: fault as FaultAfter } : fault
}

async function reached(
  { world, victim }: Arena,
  moment: Moment,
  asked: Promise<unknown>,
): Promise<void> {
  if (!('reached' in moment)) await pause(moment.afterMs)
  else if (moment.reached.kind === 'point') await victim.gone()
  else if (moment.reached.kind === 'held') await world.issuer.proxy.held()
  else await asked
}

async function within(
  milliseconds: number,
  moment: Moment,
  reaching: Promise<void>,
): Promise<void> {
  const giveUp = new AbortController()
  const late = pause(milliseconds, true, { signal: giveUp.signal })
  try {
    const isLate = await Promise.race([reaching.then(() => false), late])
    if (isLate && 'reached' in moment)
      throw new Error(`"${moment.operation}, ${moment.name}" was never reached`)
  } finally {
    giveUp.abort()
    await late.catch(() => undefined) // given up
  }
}
