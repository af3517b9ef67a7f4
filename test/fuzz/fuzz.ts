/*
 * npm run fuzz -- [--seed N] [--runs N] [--target NAME]
 *
 * Feeds each target bytes that nobody would send in good faith, prints what came of it, and
 * ends with 1 at a finding, with what it takes to see it again.
 */
import { parseArgs } from 'node:util'
import type { Outcome } from './reader.ts'
import { table } from './table.ts'
import { TARGETS } from './targets.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string' },
    target: { type: 'string' },
  },
})

const seed = Number(values.seed)
const chosen = TARGETS.filter(({ name }) => values.target === undefined || values.target === name)
if (chosen.length === 0)
  throw new TypeError(`--target is one of ${TARGETS.map(({ name }) => name).join(', ')}`)
process.stdout.write(`seed ${seed}\n`)
const outcomes: Outcome[] = []
for (const { name, runs, run } of chosen) {
  process.stderr.write(`${name} `)
  outcomes.push(await run({ seed, runs: Number(values.runs ?? runs) }))
}
process.stderr.write('\n')
process.stdout.write(`${table(outcomes)}\n`)
for (const { target, finding } of outcomes)
  if (finding !== undefined)
    process.stdout.write(`
FOUND in ${target}: ${finding.what}
  again: npm run fuzz -- --seed ${seed} --runs ${finding.run + 1} --target ${target}
  input: ${JSON.stringify(finding.input.toString('latin1'))}
`)
process.exit(outcomes.some(({ finding }) => finding !== undefined) ? 1 : 0)
