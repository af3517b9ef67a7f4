import { type IssuerKind, startArena } from './arena.ts'
import { countReplays, type Replays } from './judge.ts'
import type { Moment } from './kill-at.ts'
import { LoginTrial } from './login-trial.ts'
import { pick, type Random, seededRandom } from './random.ts'
import { RefreshTrial } from './refresh-trial.ts'
import { RekeyTrial } from './rekey-trial.ts'
import { RevokeTrial } from './revoke-trial.ts'
import { type Operation, STEPS, type Step } from './steps.ts'
import { Tally } from './tally.ts'

/** What to do to a daemon. */
export interface RunOptions {
  readonly issuer: IssuerKind
  /** Kills at moments chosen by the seed: half of them steps with a name, half any moment. */
  readonly kills: number
  /** These steps first, each once. */
  readonly steps: readonly Step[]
  /** What chance may choose from, default everything. */
  readonly operation?: Operation
  readonly seed: number
  /** Hears of each kill. */
  readonly progress: (kills: number, of: number) => void
}

/** What came of it. */
export interface RunResult {
  readonly tally: Tally
  readonly replays: Replays
}

/** Grants at stake when the moment is left to chance: they are refreshed side by side. */
const GRANTS_AT_RANDOM = 3

/** About as long as each operation takes here, so that a random moment is somewhere in it. */
const LONGEST_MS: Readonly<Record<Operation, number>> = {
  refresh: 60,
  login: 80,
  revoke: 40,
  rekey: 40,
}

/** How often chance chooses each operation, in parts of all. */
const SHARES: readonly Operation[] = [
  ...(['refresh', 'refresh', 'refresh', 'refresh', 'refresh', 'refresh'] as const),
  ...(['login', 'login', 'revoke', 'rekey'] as const),
]

/** Kills one daemon after the other, all in one home, and judges what is left each time. */
export async function runTorture(options: RunOptions): Promise<RunResult> {
  const { seed, kills, steps } = options
  const random = seededRandom(seed)
  const arena = await startArena(options.issuer)
  const trials = {
    refresh: new RefreshTrial(arena),
    login: new LoginTrial(arena),
    revoke: new RevokeTrial(arena),
    rekey: new RekeyTrial(arena),
  }
  const tally = new Tally(STEPS)
  try {
    const planned = [
      ...steps.map((moment) => ({ operation: moment.operation, moment: moment as Moment })),
      ...Array.from({ length: kills }, () => chosen(random, options.operation)),
    ]
    for (const { operation, moment } of planned) {
      tally.add(await trials[operation].run(moment, GRANTS_AT_RANDOM))
      options.progress(tally.kills, planned.length)
    }
    return { tally, replays: countReplays(arena.world.issuer.log) }
  } finally {
    await arena.close()
  }
}

function chosen(
  random: Random,
  only: Operation | undefined,
): { readonly operation: Operation; readonly moment: Moment } {
  const operation = only ?? pick(random, SHARES)
  const afterMs = random() * LONGEST_MS[operation]
  const step = pick(
    random,
    STEPS.filter((one) => one.operation === operation),
  )
  return { operation, moment: random() < 0.5 ? step : { afterMs } }
}
