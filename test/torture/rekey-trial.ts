import { API_A } from '../issuers/oidc-issuer.ts'
import type { Arena, Life } from './arena.ts'
import { judge, type Verdict } from './judge.ts'
import { killAt, type Moment } from './kill-at.ts'
import type { Kill } from './tally.ts'

/** Records that are sealed anew each time, so that a kill can come between two of them. */
const GRANTS = 3

/** Seals a vault with several grants anew, under one of two keys and then the other. */
export class RekeyTrial {
  readonly #arena: Arena
  readonly #lives: Life[] = []

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** One kill while the vault is being sealed anew. */
  async run(moment: Moment): Promise<Kill> {
    const { world } = this.#arena
    while (this.#lives.length < GRANTS)
      this.#lives.push(await this.#arena.logIn(`sealed-${this.#lives.length}`, [API_A]))
    const before = (await this.#vault())['key_id']
    const { answers } = await killAt(this.#arena, moment, () => [
      world.ask('admin', 'POST', '/v1/vault/rekey', { body: {} }),
    ])
    const vault = await this.#vault()
    const broken: string[] = []
    if (vault['rekey_unfinished'] !== false) broken.push('records lie under two keys')
    if (JSON.stringify(vault['broken']) !== '[]') broken.push('a record does not open')
    if (answers[0]?.status === 200 && vault['key_id'] === before)
      broken.push('a key was told to be new and is the old one')
    const verdicts = await Promise.all(
      this.#lives.map(async ({ name }): Promise<Verdict> => {
        const fate = await this.#arena.fate(name)
        // nothing was sent to an issuer: there is no reason to lose anything
        return judge('not acted', fate === 'alive', false)
      }),
    )
    if (verdicts.includes('lost without need')) broken.push('a grant was lost')
    const step = 'reached' in moment ? moment.name : 'at random'
    return { operation: 'rekey', step, verdicts, orphans: 0, broken }
  }

  async #vault(): Promise<Readonly<Record<string, unknown>>> {
    const { status, body, text } = await this.#arena.world.ask('admin', 'GET', '/v1/vault')
    if (status !== 200 || body === undefined) throw new Error(`no vault: ${text}`)
    return body
  }
}
