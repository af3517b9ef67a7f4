import { setTimeout as pause } from 'node:timers/promises'
import { tokenOf } from '../integration/world.ts'
import type { Arena, Fate, Life } from './arena.ts'
import { isRecordInPlace } from './judge.ts'
import { killAt, type Moment } from './kill-at.ts'
import type { Kill } from './tally.ts'

/** A daemon that starts tells issuers at once what they have not heard; this is plenty. */
const HEARD_WITHIN_MS = 15_000

/** Revokes a grant of its own each time. */
export class RevokeTrial {
  readonly #arena: Arena
  #life: Life | undefined

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** One kill while a grant is being revoked. */
  async run(moment: Moment): Promise<Kill> {
    const { world } = this.#arena
    // without an audience its tokens are opaque, and the issuer can be asked about them
    this.#life ??= await this.#arena.logIn('revoked', [])
    const life = this.#life
    const accessToken = tokenOf(await world.token({ grant: life.name })).access_token
    if (!(await world.issuer.controls.isActive(accessToken)))
      throw new Error('a fresh access token does not work')
    const { trace, answers } = await killAt(this.#arena, moment, () => [
      world.ask('admin', 'POST', `/v1/grants/${life.name}/revoke`),
    ])
    const hasEnded = isRecordInPlace(trace, life.id) || answers[0]?.status === 200
    const fate = await this.#arena.fate(life.name)
    const broken = hasEnded
      ? await this.#mustBeDead(life, accessToken, fate)
      : await this.#mustBeWhole(life, accessToken, fate)
    if (fate !== 'alive') this.#life = undefined
    const step =
      'reached' in moment ? moment.name : `at random: ${hasEnded ? 'ended' : 'not ended'}`
    return { operation: 'revoke', step, verdicts: [], orphans: 0, broken }
  }

  async #mustBeDead(life: Life, accessToken: string, fate: Fate): Promise<readonly string[]> {
    const { controls } = this.#arena.world.issuer
    const broken: string[] = []
    if (fate === 'alive') broken.push('a revoked grant came back')
    const heard = (): boolean => controls.liveRefreshTokens(life.account) === 0
    for (const end = Date.now() + HEARD_WITHIN_MS; !heard() && Date.now() < end; ) await pause(20)
    if (!heard()) broken.push('the issuer never heard of a revocation')
    if (await controls.isActive(accessToken)) broken.push('an access token works after a revoke')
    return broken
  }

  /** The revocation had not begun, and nobody was told that it had. */
  async #mustBeWhole(life: Life, accessToken: string, fate: Fate): Promise<readonly string[]> {
    const { controls } = this.#arena.world.issuer
    const broken: string[] = []
    if (fate !== 'alive') broken.push('a grant is gone that was not revoked yet')
    if (controls.liveRefreshTokens(life.account) !== 1) broken.push('half a revocation')
    if (!(await controls.isActive(accessToken))) broken.push('the issuer heard before the disk')
    return broken
  }
}
