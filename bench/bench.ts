/*
 * npm run bench [-- --only NAME]…
 *
 * Prints ratios against the nearest thing that does less, each pair measured in turns in
 * this run, and counts; never an absolute time, and never a test.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { countExchanges } from '../test/integration/count-exchanges.ts'
import { cachedTokenRows } from './cached-token.ts'
import { costOfChecksRows } from './cost-of-checks.ts'
import { durableSuccessorRows } from './durable-successor.ts'
import { firstTokenRows } from './first-token.ts'
import { ratioOf } from './ratio.ts'
import type { RowGroup } from './row.ts'
import { stalledIssuerRows } from './stalled-issuer.ts'

/** Which names `--only` takes, and what has to be started for them. */
const GROUPS: Readonly<Record<string, () => Promise<RowGroup>>> = {
  'cached cached-cpu command helper': cachedTokenRows,
  'checks checks-cpu peer-cpu policy-cpu audit-cpu': costOfChecksRows,
  'successor successor-bare successor-patient': durableSuccessorRows,
  'first-token': firstTokenRows,
  'stall stall-exchange': stalledIssuerRows,
}

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
const isWanted = (name: string): boolean => values.only === undefined || values.only.includes(name)

console.log(
  `Node ${process.version}, ${cpus().length} processors; each figure is a ratio of medians, taken in turns`,
)
for (const [names, start] of Object.entries(GROUPS)) {
  if (!names.split(' ').some(isWanted)) continue
  const group = await start()
  try {
    for (const { name, what, against, goal, pair } of group.rows)
      if (isWanted(name))
        console.log(
          `${(await ratioOf(pair)).toFixed(2).padStart(6)}  goal ${goal.toFixed(2)}  ${name}: ${what}, against ${against}`,
        )
  } finally {
    await group.close()
  }
}
if (isWanted('exchanges'))
  for (const { what, callers, served, exchanges } of await countExchanges())
    console.log(
      `${String(exchanges).padStart(6)}  exchanges for ${callers} callers, ${what}; ${served} got a token`,
    )
process.exit()
