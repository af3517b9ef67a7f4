import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startWorld, tokenOf, type World } from '../integration/world.ts'
import { createVictim, type Victim } from './victim.ts'

/** Which kind of issuer stands behind the daemon. */
export type IssuerKind = 'grace' | 'family'

/** One grant of the harness. */
export interface Life {
  readonly name: string
  /** Who logged in at the issuer: another one for every login, so that logins are told apart. */
  readonly account: string
  /** Id of its record. */
  readonly id: string
}

/** What became of a grant after a kill, as far as a caller can see. */
export type Fate = 'alive' | 'lost' | 'unknown'

/** A daemon, its home, its issuer, and the hand that kills it. */
export interface Arena {
  readonly world: World
  readonly victim: Victim
  readonly kind: IssuerKind
  /** No operation takes as long: a step that was not reached by then never is. */
  readonly reachedWithinMs: number
  /** A finished login under this name. */
  logIn(name: string, audience?: readonly string[]): Promise<Life>
  /** A name for an account that nobody had before. */
  newAccount(): string
  /** Ends a pause of the daemon: waits it out, or sets its clock forward. */
  sitOut(seconds: number): Promise<void>
  /** Asks for a token until the answer says for good whether there is one. */
  fate(name: string): Promise<Fate>
  close(): Promise<void>
}

/** Seconds in which the kinder issuer answers a used refresh token once more. */
const GRACE_SECONDS = 10

/** What the logins say it is: less, so that a retry on a slow machine is in time. */
const STATED_GRACE_SECONDS = 2

/** No pause of the daemon that the harness meets is over later. */
const LONGEST_DOUBT_MS = 120_000

/** Starts one; grants outlive the daemon's death in it. */
export async function startArena(kind: IssuerKind, reachedWithinMs = 10_000): Promise<Arena> {
  const credentials = mkdtempSync(join(tmpdir(), 'grantd-key-'))
  // a vault that is sealed anew goes from one of them to the other
  for (const name of ['grantd-sealing-key', 'grantd-sealing-key-new'])
    writeFileSync(join(credentials, name), randomBytes(32).toString('hex'), { mode: 0o400 })
  const victim = createVictim()
  const world = await startWorld({
    config: '[vault]\nsealing_key = "credential-file"\n',
    environment: { CREDENTIALS_DIRECTORY: credentials },
    issuer: kind === 'grace' ? { rotationGraceSeconds: GRACE_SECONDS } : {},
    preload: victim.preload,
  })
  let accounts = 0
  const arena: Arena = {
    world,
    victim,
    kind,
    reachedWithinMs,
    newAccount: () => `person-${++accounts}`,
    async logIn(name, audience) {
      const account = arena.newAccount()
      await world.login(loginRequest(arena, name, audience), { login: account })
      return { name, account, id: newestId(world.auditLog(), name) }
    },
    async sitOut(seconds) {
      // an issuer that repeats answers does so by a clock of its own
      if (kind === 'grace') await pause(seconds * 1000)
      else await victim.advance(seconds)
    },
    async fate(name) {
      const end = Date.now() + LONGEST_DOUBT_MS
      while (Date.now() < end) {
        const answer = await world.token({ grant: name })
        if (answer.status === 200 && tokenOf(answer).access_token !== '') return 'alive'
        if (answer.status === 401) return 'lost'
        if (answer.status === 404) return 'unknown'
        const wait = answer.body?.['retry_after']
        if (typeof wait !== 'number') throw new Error(`no end of doubt: ${answer.text}`)
        await arena.sitOut(wait)
      }
      throw new Error(`"${name}" is still in doubt`)
    },
    async close() {
      await world.close()
      rmSync(credentials, { recursive: true, force: true })
    },
  }
  return arena
}

/** What is asked of the daemon; a grant without audience gets opaque tokens, which can be introspected. */
export function loginRequest(
  { kind }: Pick<Arena, 'kind'>,
  name: string,
  audience: readonly string[] | undefined,
) {
  return {
    grant: name,
    ...(audience && { audience, ...(audience.length === 0 && { scope: OPAQUE_SCOPE }) }),
    ...(kind === 'grace' && { rotation_grace: STATED_GRACE_SECONDS }),
  }
}

/** Id of the record of the newest login under a name. */
function newestId(auditLog: string, name: string): string {
  const completed = new RegExp(`"event":"login.completed".*"grant":"${name}","grant_id":"([^"]+)"`)
  const id = auditLog
    .split('\n')
    .findLast((line) => completed.test(line))
    ?.match(completed)?.[1]
  if (id === undefined) throw new Error(`no login of "${name}" is on record`)
  return id
}

const OPAQUE_SCOPE = 'openid offline_access email'
