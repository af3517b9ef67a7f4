import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isErrorCode } from '@grantd/client/protocol'
import t from 'tap'
import * as limits from '../daemon/base/limits.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** A row of the page, without the marks of code. */
interface Row {
  readonly bound: string
  readonly value: number
  readonly why: string
  readonly pastIt: string
  readonly counter: string
}

const PAGE = read('docs/LIMITS.md')
const ROWS: readonly Row[] = [
  ...PAGE.matchAll(/^\| `(\w+)` \| ([\d,]+) \| (.*) \| (.*) \| (.*) \|$/gm),
].map(([, bound = '', value = '', why = '', pastIt = '', counter = '']) => ({
  bound,
  value: Number(value.replaceAll(',', '')),
  why,
  pastIt,
  counter: counter.replaceAll('`', ''),
}))

/** What the sources of the daemon and of the wire say of a constant that stands elsewhere. */
function elsewhere(name: string): readonly number[] {
  const files = ['daemon', 'client-sdk'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.d)\.ts$/.test(file) && !file.includes('node_modules'))
      .map((file) => join(folder, file)),
  )
  const pattern = new RegExp(`^(?:export )?const ${name} = ([\\d_]+)$`, 'm')
  return files.flatMap((file) => {
    const value = pattern.exec(read(file))?.[1]
    return value === undefined ? [] : [Number(value.replaceAll('_', ''))]
  })
}

t.test('every bound stands in the table once, with its value and a reason', async (t) => {
  const names = ROWS.map(({ bound }) => bound)
  t.equal(new Set(names).size, names.length, 'none stands there twice')
  const told = Object.fromEntries(ROWS.map(({ bound, value }) => [bound, value]))
  t.match(told, { ...limits }, 'those of limits.ts')
  for (const { bound, value, why } of ROWS) {
    if (!(bound in limits)) t.same(elsewhere(bound), [value], `${bound} stands elsewhere, once`)
    t.ok(why.length > 10, `${bound} has a reason`)
  }
})

t.test('what the table says that callers get are answers of ours', async (t) => {
  for (const { bound, pastIt } of ROWS)
    for (const [, code = ''] of pastIt.matchAll(/`([a-z]+(?:_[a-z]+)+|overloaded)`/g))
      t.ok(isErrorCode(code), `${bound}: ${code}`)
})

t.test('the table knows every counter, and no other', async (t) => {
  const [, block = ''] = /counters: \(\) => \(\{\n([\s\S]*?)\n {4}\}\),/.exec(
    read('daemon/wiring/daemon-facts.ts'),
  ) ?? ['']
  const counters = [...block.matchAll(/^ {6}(\w+):/gm)].map(([, name = '']) => name)
  t.ok(counters.length >= 15, 'the counters were found')
  for (const name of counters) t.ok(PAGE.includes(`\`${name}\``), `${name} is told`)
  for (const { bound, counter } of ROWS)
    t.ok(counter === '–' || counters.includes(counter), `${bound}: ${counter}`)
})
