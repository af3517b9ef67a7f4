// Adds up the closing lines of the test runs in a log and prints one line; fails when nothing ran, failed or was skipped.
import { readFileSync } from 'node:fs'

const log = readFileSync(process.argv[2], 'utf8')
const sums = { total: 0, pass: 0, fail: 0, skip: 0, todo: 0 }
for (const [, members] of log.matchAll(/^# \{ (.*) \}$/gm))
  for (const [, name, count] of members.matchAll(/(\w+): (\d+)/g)) sums[name] += Number(count)

console.log(`${sums.pass} passed, ${sums.fail} failed, ${sums.skip + sums.todo} skipped`)
process.exitCode = sums.total > 0 && sums.pass === sums.total ? 0 : 1
