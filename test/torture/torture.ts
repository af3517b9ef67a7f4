/*
 * npm run torture -- [--kills N] [--seed N] [--issuer grace|family] [--steps]
 *
 * Kills daemons one after the other, prints what became of their grants, and ends with 1
 * when a promise was broken. `--steps` kills once at every step that has a name, and then
 * only as often at chance as `--kills` says.
 */
import { parseArgs } from 'node:util'
import type { IssuerKind } from './arena.ts'
import { runTorture } from './run.ts'
import { STEPS } from './steps.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    issuer: { type: 'string' },
    steps: { type: 'boolean', default: false },
  },
})

const ISSUERS: Readonly<Record<IssuerKind, string>> = {
  grace: 'an issuer that repeats its last answer for some seconds',
  family: 'an issuer that ends the family when a token is used again',
}

const kinds = (Object.keys(ISSUERS) as IssuerKind[]).filter(
  (kind) => values.issuer === undefined || values.issuer === kind,
)
if (kinds.length === 0) throw new TypeError('--issuer is grace or family')
const seed = Number(values.seed)
const kills = Number(values.kills ?? (values.steps ? 0 : 100))

let isBroken = false
for (const issuer of kinds) {
  process.stdout.write(`${ISSUERS[issuer]}; seed ${seed}\n`)
  const { tally, replays } = await runTorture({
    issuer,
    kills,
    seed,
    steps: values.steps ? STEPS : [],
    progress: (done, of) => {
      process.stderr.write(`\r${done} of ${of}${done === of ? '\n' : ''}`)
    },
  })
  const { broken, lost } = tally
  isBroken ||= broken.length > 0 || replays.beyond > 0
  process.stdout.write(`${tally.table()}

${tally.kills} kills, ${lost} grants lost; replays of a used token: ${replays.permitted} permitted, ${replays.beyond} beyond
${broken.map((sentence) => `BROKEN: ${sentence}\n`).join('')}\n`)
}
process.exit(isBroken ? 1 : 0)
