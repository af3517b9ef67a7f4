import { tokenHash } from '../../daemon/base/token-hash.ts'
import { tokenOf } from '../integration/world.ts'
import { API_A } from '../issuers/oidc-issuer.ts'
import type { Arena, Life } from './arena.ts'
import type { Seen } from './crash-point.ts'
import { judge, type Progress, progressAtDeath, type Verdict } from './judge.ts'
import { killAt, type Moment } from './kill-at.ts'
import type { Kill } from './tally.ts'

/** Grants that are refreshed over and over by daemons that are killed meanwhile. */
export class RefreshTrial {
  readonly #arena: Arena
  readonly #lives: (Life | undefined)[] = []

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /**
   * One kill while grants are being refreshed.
   *
   * @param grants How many at once; a step that has a name is one grant's alone.
   */
  async run(moment: Moment, grants: number): Promise<Kill> {
    const { world, kind } = this.#arena
    const lives = await this.#alive('reached' in moment ? 1 : grants)
    const rejected = await Promise.all(lives.map((life) => this.#tokenHash(life)))
    const seen = world.issuer.log.length
    const { trace, answers } = await killAt(this.#arena, moment, () =>
      lives.map(({ name }, at) => world.token({ grant: name, rejected: rejected[at] })),
    )
    const broken: string[] = []
    const log = world.issuer.log.slice(seen)
    const progresses = lives.map(({ account, id }) =>
      progressAtDeath(
        log.filter((one) => one.account === account),
        trace,
        id,
      ),
    )
    const verdicts = await Promise.all(
      lives.map(async (life, at): Promise<Verdict> => {
        const progress = progresses[at] ?? 'not acted'
        const answer = answers[at]
        if (answer?.status === 200) {
          const last = tokenOf(answer).generation
          const kept = await this.#generation(life)
          if (kept < last) broken.push(`a token of generation ${last} left, ${kept} was kept`)
        }
        if (hasOutrun(trace)) broken.push('a token left before its successor was durable')
        const fate = await this.#arena.fate(life.name)
        const verdict = judge(progress, fate === 'alive', kind === 'grace')
        if (verdict === 'lost without need') broken.push(`lost with "${progress}"`)
        if (verdict !== 'lives') this.#lives[at] = undefined
        return verdict
      }),
    )
    const step = 'reached' in moment ? moment.name : `at random: ${landed(progresses)}`
    return { operation: 'refresh', step, verdicts, orphans: 0, broken }
  }

  /** So many grants that live; those that were lost are logged in anew. */
  async #alive(count: number): Promise<readonly Life[]> {
    const lives: Life[] = []
    for (let at = 0; at < count; at++) {
      const life = this.#lives[at] ?? (await this.#arena.logIn(`grant-${at}`, [API_A]))
      this.#lives[at] = life
      lives.push(life)
    }
    return lives
  }

  /** Of a token that the daemon has: it has to refresh to give another one. */
  async #tokenHash({ name }: Life): Promise<string> {
    return tokenHash(tokenOf(await this.#arena.world.token({ grant: name })).access_token)
  }

  async #generation({ name }: Life): Promise<number> {
    const { body } = await this.#arena.world.ask('admin', 'GET', `/v1/grants/${name}`)
    return Number(body?.['generation'])
  }
}

/** True when more tokens were put on record as issued than successors were durable by then. */
function hasOutrun(trace: readonly Seen[]): boolean {
  let read = 0
  let durable = 0
  let issued = 0
  for (const { call, when, target, text } of trace) {
    if (when !== 'after') continue
    if (call === 'answer' && target === '/token' && text.startsWith('200')) read += 1
    if (call === 'sync' && target.endsWith('/grants') && durable < read) durable += 1
    if (call === 'write' && text === 'token.issued') issued += 1
    if (issued > durable) return true
  }
  return false
}

/** From the most to the least that could be lost. */
const EXPOSURE = ['answer under way', 'answer read', 'durable', 'not acted'] as const

/** Where a moment that was left to chance has struck: at the grant that was in most danger. */
function landed(progresses: readonly Progress[]): Progress {
  return EXPOSURE.find((one) => progresses.includes(one)) ?? 'not acted'
}
