import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../integration/world.ts'
import { exchange } from './exchange.ts'
import { minimise, type Patience } from './minimise.ts'
import type { Finding, Outcome } from './reader.ts'
import { type Role, requestOf } from './requests.ts'
import type { Runs } from './run-reader.ts'

/** Inputs after which the daemon has to prove that it is well. */
const BATCH = 40

/** Connections at the same time. */
const LANES = 8

/** Enough for the daemon to have compiled what it runs. */
const WARM_UP_RUNS = 400

/**
 * What a daemon may grow by after that, however long the run, once it has thrown away what it
 * does not need: room that is kept for later. What stays of each input would pass it.
 */
const MAX_GROWTH_BYTES = 33_554_432

/** How often a daemon that seems to have grown is weighed again, and after which pause. */
const MOST_LOOKS = 10
const LOOK_MS = 300

/** Each try may cost a start of a daemon. */
const PATIENCE: Patience = { tries: 120, milliseconds: 60_000 }

/** How long a daemon may go on dying. */
const DYING_MS = 500

/** A new daemon first needs a login, which takes a second or two. */
const SERVICE_DEADLINE_MS = 20_000

/** Words in the log that no caller may cause. */
const MISTAKE = /"level":(?:50|60|"error"|"fatal")|our own mistake|unhandled|uncaught/i

/** A daemon, and what makes sure that it still does its work. */
export interface Victim {
  readonly world: World
  readonly role: Role
  /** Absolute path of what is fed. */
  readonly socketPath: string
  /** What no answer may hold. */
  readonly forbidden: RegExp
  /** @throws Error when a good request does not get what it should */
  readonly requireService: () => Promise<void>
  /** Physical memory of the daemon after a collection. */
  readonly residentBytes: () => Promise<number>
}

/** Sends one input after the other to a socket of a daemon, up to the first that harms it. */
export async function runDaemon(
  victim: Victim,
  { seed, runs }: Runs,
  patience: Patience = PATIENCE,
): Promise<Outcome> {
  const inputFor = (run: number): Buffer => requestOf(victim.role, seed, run)
  let slowestMs = 0
  let warm = 0
  let done = 0
  let finding: Finding | undefined
  while (done < runs && finding === undefined) {
    if (done >= WARM_UP_RUNS && warm === 0) warm = await victim.residentBytes()
    const batch = Array.from({ length: Math.min(BATCH, runs - done) }, (_, at) => done + at)
    const waiting = [...batch]
    const found = new Map<number, string>()
    const lane = async (): Promise<void> => {
      for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
        if (found.size > 0) return
        const begun = performance.now()
        const harm = await harmOf(victim, inputFor(run))
        slowestMs = Math.max(slowestMs, performance.now() - begun)
        if (harm !== undefined) found.set(run, harm)
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    done += batch.length
    const harm = await harmDone(victim)
    if (found.size === 0 && harm === undefined) continue
    // who did it is found by sending each alone; those with a bad answer first
    const suspects = [...found.keys(), ...batch.filter((run) => !found.has(run))]
    finding = await findCulprit(victim, suspects, inputFor, patience)
    const what = [...found.values()][0] ?? harm ?? ''
    finding ??= { what: `${what}, by several at once`, run: done - 1, input: Buffer.alloc(0) }
  }
  const growthBytes = warm === 0 || finding ? 0 : await growthSince(victim, warm)
  if (growthBytes > MAX_GROWTH_BYTES)
    finding = { what: `it grew by ${growthBytes} bytes`, run: done, input: Buffer.alloc(0) }
  return { target: victim.role, runs: done, slowestMs, growthBytes, finding }
}

/** Room that the allocator keeps for a while goes after some looks; what is kept stays. */
async function growthSince(victim: Victim, warm: number): Promise<number> {
  let growth = (await victim.residentBytes()) - warm
  for (let looks = 0; growth > MAX_GROWTH_BYTES && looks < MOST_LOOKS; looks += 1) {
    await sleep(LOOK_MS)
    await victim.requireService()
    growth = Math.min(growth, (await victim.residentBytes()) - warm)
  }
  return growth
}

async function findCulprit(
  victim: Victim,
  suspects: readonly number[],
  inputFor: (run: number) => Buffer,
  patience: Patience,
): Promise<Finding | undefined> {
  const harmBy = async (input: Buffer): Promise<string | undefined> => {
    const answer = await harmOf(victim, input)
    const harm = answer ?? (await harmDone(victim))
    // a bad answer may leave nothing behind; anything else does
    if (harm !== undefined && (harm !== answer || (await harmDone(victim)) !== undefined))
      await startAgain(victim.world)
    return harm
  }
  if ((await harmDone(victim)) !== undefined) await startAgain(victim.world)
  for (const run of suspects) {
    const input = inputFor(run)
    const what = await harmBy(input)
    if (what === undefined) continue
    const again = async (smaller: Buffer): Promise<boolean> => (await harmBy(smaller)) === what
    return { what, run, input: await minimise(input, again, patience) }
  }
  return undefined
}

/** What one connection showed. */
async function harmOf(
  { socketPath, forbidden }: Victim,
  input: Buffer,
): Promise<string | undefined> {
  const { answer, isClosed } = await exchange(socketPath, input)
  if (!isClosed) return 'the connection did not end'
  if (answer !== '' && !/^HTTP\/1\.1 [1-5]\d\d /.test(answer)) return 'the answer is no HTTP'
  if (forbidden.test(answer)) return 'the answer gives more than it may'
  return /^HTTP\/1\.1 50[0-24-9] .*$/m.exec(answer)?.[0]
}

/** What the daemon shows afterwards. */
async function harmDone({ world, requireService }: Victim): Promise<string | undefined> {
  if (!isAlive(world)) return 'the daemon died'
  try {
    await withinDeadline(requireService())
  } catch (error) {
    // one that dies closes its connections first
    await sleep(DYING_MS)
    return isAlive(world) ? `a good request failed: ${String(error)}` : 'the daemon died'
  }
  return MISTAKE.test(world.output()) ? 'a mistake in the log' : undefined
}

/** A daemon that hangs answers nobody, and never says so. */
async function withinDeadline(service: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), SERVICE_DEADLINE_MS)
  })
  try {
    await Promise.race([service, tooLong])
  } finally {
    clearTimeout(timer)
  }
}

/** One that hangs would not end by itself. */
async function startAgain(world: World): Promise<void> {
  await world.kill()
  await world.restart()
}

function isAlive(world: World): boolean {
  try {
    return process.kill(world.daemonPid(), 0)
  } catch {
    return false
  }
}
