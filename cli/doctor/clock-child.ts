import { askDate } from './ask-date.ts'

// A program, not a library: `ask-clocks.ts` runs it, and ends it once it has answered.
const [timeoutMs, ...issuers] = process.argv.slice(2)
const asked = issuers.map((issuer) => askDate(issuer, () => Date.now(), Number(timeoutMs)))
process.stdout.write(`${JSON.stringify(await Promise.all(asked))}\n`)
