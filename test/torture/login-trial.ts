import { setTimeout as pause } from 'node:timers/promises'
import { approveDevice } from '../issuers/approve.ts'
import { API_A } from '../issuers/oidc-issuer.ts'
import { type Arena, type Life, loginRequest } from './arena.ts'
import type { Seen } from './crash-point.ts'
import { heldBefore, killAt, type Moment } from './kill-at.ts'
import type { Kill } from './tally.ts'

/** What a newer login has replaced is revoked when the daemon starts; this is plenty. */
const HEARD_WITHIN_MS = 15_000

/** Logs in again under one name: the new grant is whole and the old one ends, or nothing has happened. */
export class LoginTrial {
  readonly #arena: Arena
  #life: Life | undefined

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** One kill while a login replaces another. */
  async run(moment: Moment): Promise<Kill> {
    const { world } = this.#arena
    const old = this.#life ?? (await this.#arena.logIn('login', [API_A]))
    this.#life = old
    const account = this.#arena.newAccount()
    const id = await this.#startAndAgree(moment, old.name, account)
    const { proxy } = world.issuer
    const { trace, answers } = await killAt(
      this.#arena,
      moment,
      () => {
        if (!diesWaiting(moment)) proxy.release()
        return [world.ask('admin', 'GET', `/v1/logins/${id}?wait=20`)]
      },
      true,
    )
    const kept = keptId(trace, old.id)
    const broken: string[] = []
    const isComplete = answers[0]?.body?.['state'] === 'complete'
    if (isComplete && kept === undefined) broken.push('a login was told complete and is not kept')
    if ((await this.#arena.fate(old.name)) !== 'alive') broken.push('no login of the two is left')
    const expected = kept === undefined ? old.account : account
    if (world.issuer.log.at(-1)?.account !== expected) broken.push('the wrong one of two is left')
    this.#life =
      broken.length > 0 ? undefined : { name: old.name, account: expected, id: kept ?? old.id }
    const { controls } = world.issuer
    if (controls.liveRefreshTokens(expected) !== 1) broken.push('half a login')
    if (kept !== undefined && !(await this.#hasEnded(old.account)))
      broken.push('the issuer never heard that a login was replaced')
    const step =
      'reached' in moment ? moment.name : `at random: ${kept === undefined ? 'not kept' : 'kept'}`
    const orphans = kept === undefined ? controls.liveRefreshTokens(account) : 0
    return { operation: 'login', step, verdicts: ['lives'], orphans, broken }
  }

  /** A login that waits for the answer to its next question, which will be yes. */
  async #startAndAgree(moment: Moment, name: string, account: string): Promise<string> {
    const { world } = this.#arena
    const { issuer } = world
    issuer.proxy.next(heldBefore(moment), 1, '/token')
    const view = await world.startLogin(loginRequest(this.#arena, name, [API_A]))
    await issuer.proxy.held()
    await approveDevice(view.verification_uri_complete ?? '', { login: account })
    return view.id
  }

  async #hasEnded(account: string): Promise<boolean> {
    const { controls } = this.#arena.world.issuer
    const end = Date.now() + HEARD_WITHIN_MS
    while (controls.liveRefreshTokens(account) > 0 && Date.now() < end) await pause(20)
    return controls.liveRefreshTokens(account) === 0
  }
}

/** True when the daemon dies while its question is still in the proxy. */
function diesWaiting(moment: Moment): boolean {
  if (!('reached' in moment) || moment.reached.kind !== 'held') return false
  return moment.reached.fault.kind === 'hold_request'
}

/** Id of the record that the login has made; `undefined` when none took its place. */
function keptId(trace: readonly Seen[], oldId: string): string | undefined {
  for (const { call, when, target } of trace) {
    if (call !== 'rename' || when !== 'after') continue
    const id = /([^/]+)\.grant$/.exec(target)?.[1]
    if (id !== undefined && id !== oldId) return id
  }
  return undefined
}
