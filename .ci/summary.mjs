// summary.mjs LOG RUNS: adds up the closing lines of that many test runs and prints one line.
// Fails when a run left no closing line, when a test failed, and when one was skipped that could have run here.
import { readFileSync } from 'node:fs'

const [, , file, runs] = process.argv
const log = readFileSync(file, 'utf8')
const sums = { total: 0, pass: 0, fail: 0, skip: 0, todo: 0 }
const closing = [...log.matchAll(/^# \{ (.*) \}$/gm)]
for (const [, members] of closing)
  for (const [, name, count] of members.matchAll(/(\w+): (\d+)/g)) sums[name] += Number(count)

/** Some promises can be tried by root only, others by anybody else, some on Linux only: those may be skipped. */
const skipped = [...log.matchAll(/# SKIP (.*)$/gm)].map(([, reason]) => reason)
const needless = skipped.filter((reason) => !/\broot\b|Linux/.test(reason))
for (const reason of skipped) console.log(`skipped: ${reason}`)

console.log(`${sums.pass} passed, ${sums.fail} failed, ${sums.skip + sums.todo} skipped`)
const isWhole = closing.length === Number(runs) && sums.total > 0
process.exitCode = isWhole && sums.fail + sums.todo + needless.length === 0 ? 0 : 1
