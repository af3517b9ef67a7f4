import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { auditText } from '../fakes/audit-text.ts'
import { CONFIG, grantd, outcome, systemctl, UNITS } from './own-service.ts'
import { underUserManager } from './user-manager.ts'

const { HOME = '', XDG_RUNTIME_DIR = '' } = process.env

/** Services side by side, because each lives for two seconds before it may end. */
const SERVICES = 16
const ROUNDS = 200
const CLIENTS = 4

/** A daemon that nobody asks is gone between two and three seconds after its start. */
const LIFE_MS = 2_000
const LATE_MS = 600

/** All clients of one service come within this. */
const TOGETHER_MS = 60

/** The installed units again, for a daemon beside the others. */
class Sibling {
  readonly socket: string
  readonly #name: string
  readonly #state: string

  constructor(number: number) {
    this.#name = `idle-${number}`
    this.#state = join(HOME, this.#name)
    this.socket = join(XDG_RUNTIME_DIR, this.#name, 'broker.sock')
  }

  async install(): Promise<void> {
    const here = `"--runtime-dir=%t/${this.#name}" "--state-dir=${this.#state}"`
    const unit = (file: string) => readFileSync(join(UNITS, file), 'utf8')
    const ours = (text: string) => text.replaceAll('grantd', this.#name)
    const service = ours(unit('grantd.service').replace(/^ExecStart=.*$/m, ''))
    const [exec = ''] = /^ExecStart=.*$/m.exec(unit('grantd.service')) ?? []
    const added = `[Service]\n${exec} ${here}\nLoadCredential=grantd-sealing-key:%h/sealing-key\n`
    writeFileSync(
      join(UNITS, `${this.#name}.service`),
      service.replace('[Service]\n', () => added),
    )
    for (const role of ['', '-admin'])
      writeFileSync(join(UNITS, `${this.#name}${role}.socket`), ours(unit(`grantd${role}.socket`)))
    await systemctl('daemon-reload')
    await systemctl('start', `${this.#name}.socket`, `${this.#name}-admin.socket`)
  }

  /** Has the clients come at the moment in which the daemon ends, and returns what they got. */
  async round(): Promise<readonly (number | string)[]> {
    const from = LIFE_MS + Math.random() * LATE_MS
    return await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        await pause(from + Math.random() * TOGETHER_MS)
        return await outcome(this.socket)
      }),
    )
  }

  /** How many daemons there were, by their own records, and how many of them nobody asked. */
  daemons(): { readonly started: number; readonly idle: number } {
    const text = auditText(this.#state)
    const count = (event: RegExp): number => [...text.matchAll(event)].length
    return {
      started: count(/"event":"daemon\.started"/g),
      idle: count(/"event":"daemon\.stopped","reason":"idle"/g),
    }
  }
}

underUserManager('a daemon whom nobody asks ends', fileURLToPath(import.meta.url), () => {
  t.test('and whoever comes in that moment is served by the next one', async (t) => {
    mkdirSync(dirname(CONFIG), { recursive: true, mode: 0o700 })
    const config = '[vault]\nsealing_key = "credential-file"\n[service]\nidle_exit = "1s"\n'
    writeFileSync(CONFIG, config, { mode: 0o600 })
    writeFileSync(join(HOME, 'sealing-key'), randomBytes(32), { mode: 0o600 })
    t.equal((await grantd('service', 'install')).status, 0)
    const siblings = Array.from({ length: SERVICES }, (_, number) => new Sibling(number))
    for (const sibling of siblings) await sibling.install()
    const seen = await Promise.all(
      siblings.map(async (sibling) => {
        const answers = [await outcome(sibling.socket)]
        while (sibling.daemons().idle < ROUNDS / SERVICES) answers.push(...(await sibling.round()))
        return answers
      }),
    )
    const answers = seen.flat()
    t.same(new Set(answers), new Set([200]), 'nobody got anything else')
    const daemons = siblings.map((sibling) => sibling.daemons())
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
    const ends = sum(daemons.map(({ idle }) => idle))
    const starts = sum(daemons.map(({ started }) => started))
    t.ok(ends >= ROUNDS, `${ends} daemons ended, and ${answers.length} requests were served`)
    t.ok(starts - ends <= SERVICES, 'and each of them for that reason')
  })
})
