import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERRORS } from '@grantd/client'
import t from 'tap'
import { AUDIT_EVENTS } from '../daemon/audit/audit-event.ts'
import { formatDuration } from '../daemon/config/duration.ts'
import { FILES, LOG_LEVELS, parseConfig } from '../daemon/config/parse-config.ts'
import { parsePreset } from '../daemon/preset/parse-preset.ts'
import { FILE as PRESET_FILE } from '../daemon/preset/preset-keys.ts'
import type { Pauses } from '../daemon/refresh/back-off.ts'
import { DOUBT_SECONDS } from '../daemon/refresh/doubt.ts'
import {
  BARE_PAUSES,
  CLIENT_PAUSES,
  NOT_SENT_PAUSES,
  SPOILT_PAUSES,
  UNTRUSTED_PAUSES,
  UNUSABLE_PAUSES,
} from '../daemon/refresh/pauses.ts'
import { LAWS } from './architecture/laws.ts'
import { STEPS } from './torture/steps.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

t.test('the error table of the protocol is the code’s', async (t) => {
  const rows = [...read('docs/PROTOCOL.md').matchAll(/^\| `(\w+)` \| (\d+) \| (\d+) \| (.*) \|$/gm)]
  const documented = rows.map(([, code, status, exit, title]) => [
    code,
    { status: Number(status), exit: Number(exit), title },
  ])
  t.same(documented, Object.entries(ERRORS))
})

/** What is named under this word, wherever it stands: members under `properties`, keys under `keys`. */
function namesUnder(word: string, tree: unknown): readonly string[] {
  if (typeof tree !== 'object' || tree === null) return []
  return Object.entries(tree).flatMap(([key, value]) => [
    ...(key === word ? Object.keys(value as object) : []),
    ...namesUnder(word, value),
  ])
}

t.test('every member of the wire is named in the protocol', async (t) => {
  const page = read('docs/PROTOCOL.md')
  const folder = join(import.meta.dirname, '..', 'daemon', 'api', 'schemas')
  const files = readdirSync(folder).filter((file) => file.endsWith('.js'))
  const schemas = await Promise.all(files.map((file) => import(join(folder, file))))
  const members = new Set(namesUnder('properties', schemas))
  t.ok(members.size >= 50, 'the members were found')
  for (const member of members) t.match(page, new RegExp(`[\`"]${member}[\`"]`), member)
})

t.test('the configuration of the page is understood, and names every key', async (t) => {
  const [first, ...examples] = [...read('docs/POLICY.md').matchAll(/^```toml\n([\s\S]*?)^```/gm)]
  const text = first?.[1] ?? ''
  const ages = { sessionAgeSeconds: 2_592_000, idleAgeSeconds: 604_800, accessTokenSeconds: 600 }
  t.match(parseConfig(text), {
    config: {
      log: { level: 'info' },
      vault: { sealingKey: 'auto', autoLockSeconds: 900 },
      consent: { pinentry: '/usr/bin/pinentry-curses' },
      lifetime: ages,
      grants: { work: { lifetime: { sessionAgeSeconds: 43_200 } } },
      mode: 'enforce',
      rules: [{ name: 'git by day' }, { name: 'no tool at night' }],
    },
  })
  const keys = new Set(namesUnder('keys', FILES))
  t.ok(keys.size >= 30, 'the keys were found')
  for (const key of keys)
    t.match(text, new RegExp(`^${key} = |^\\[\\[?(\\w+\\.)*${key}\\b`, 'm'), key)
  t.ok(text.includes(`# ${LOG_LEVELS.join(', ')}\n`), 'and every level of the log')
  t.ok(examples.length >= 4)
  for (const [, example = ''] of examples) {
    const level = example.startsWith('# /etc/') ? 'system' : 'user'
    t.match(parseConfig(example, level), { config: { rules: [{}] } }, example.slice(0, 60))
  }
})

t.test('the preset of the page is understood, and names every key', async (t) => {
  const [, text = ''] = /^```toml\n([\s\S]*?)^```/m.exec(read('docs/PRESETS.md')) ?? []
  t.match(parsePreset('example', text), { preset: { title: 'Example' } })
  const keys = new Set(namesUnder('keys', PRESET_FILE))
  t.ok(keys.size >= 30, 'the keys were found')
  for (const key of keys)
    t.match(text, new RegExp(`^${key} = |[{,] ${key} = |^\\[${key}\\b`, 'm'), key)
})

t.test('the table of audit events is the code’s', async (t) => {
  const rows = [...read('docs/AUDIT.md').matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| \S/gm)]
  t.same(
    rows.map(([, event]) => event),
    [...AUDIT_EVENTS],
  )
})

t.test('every module from outside has its line, and every line its module', async (t) => {
  const { dependencies, optionalDependencies } = JSON.parse(read('package.json'))
  const imported = Object.keys(LAWS.outside).filter((name) => !name.startsWith('node:'))
  const documented = [
    ...read('docs/DEPENDENCIES.md').matchAll(/^\| (@?[a-z][\w/-]*)(?: \((\w+)\))? \|/gm),
  ].filter(([, name]) => name !== 'package')
  t.same(new Set(documented.map(([, name]) => name)), new Set(imported))
  const marked = (word: string) =>
    documented.flatMap(([, name = '', mark]) => (mark === word ? [name] : []))
  t.same(marked('native'), Object.keys(dependencies), 'what stays a package of its own')
  t.same(marked('optional'), Object.keys(optionalDependencies))
  const { dependencies: ofClient = {} } = JSON.parse(read('client-sdk/package.json'))
  t.same(ofClient, {}, 'the client has none')
})

/** The cells of each row of the tables under one heading of a page, less the head. */
function rowsUnder(page: string, heading: string): readonly (readonly string[])[] {
  const [, rest = ''] = read(page).split(`\n## ${heading}\n`)
  const [section = ''] = rest.split('\n## ')
  const lines = section.split('\n').filter((line) => line.startsWith('| '))
  return lines.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

t.test('the table of failures has the classes and the pauses of the code', async (t) => {
  const rows = rowsUnder('docs/FAILURES.md', 'What an exchange costs that gave no token')
  const classes = [
    ...read('daemon/refresh/settle-failure.ts').matchAll(/^ {4}case '(\w+)':/gm),
  ].map(([, kind]) => `\`${kind}\``)
  t.ok(classes.length >= 10, 'the classes were found')
  t.same(new Set(rows.map(([kind]) => kind)), new Set(classes))
  const pauses: Readonly<Record<string, Pauses>> = {
    not_sent: NOT_SENT_PAUSES,
    untrusted: UNTRUSTED_PAUSES,
    unusable: UNUSABLE_PAUSES,
    refused_bare: BARE_PAUSES,
    client_broken: CLIENT_PAUSES,
  }
  const again = (kind: string): string => rows.find(([name]) => name === `\`${kind}\``)?.[3] ?? ''
  for (const [kind, { firstSeconds, mostSeconds }] of Object.entries(pauses)) {
    const words = `after ${formatDuration(firstSeconds)} to ${formatDuration(mostSeconds)}`
    t.ok(again(kind).includes(words), `${kind}: ${words}`)
  }
  const { firstSeconds, mostSeconds } = SPOILT_PAUSES
  const spoilt = `pause of ${formatDuration(firstSeconds)} to ${formatDuration(mostSeconds)}`
  t.ok(read('docs/FAILURES.md').includes(spoilt), spoilt)
  t.ok(again('in_doubt').startsWith(`once, ${formatDuration(DOUBT_SECONDS)} after`))
})

t.test('every step a refresh is killed at lies in one crash window', async (t) => {
  const rows = rowsUnder('docs/FAILURES.md', 'When the daemon dies in a refresh')
  t.same(
    rows.map(([window]) => window),
    ['–', 'A', 'B', 'C', 'D', 'E'],
  )
  const named = rows.flatMap((cells) =>
    [...(cells[4] ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name),
  )
  const steps = STEPS.filter(({ operation }) => operation === 'refresh').map(({ name }) => name)
  t.same(new Set(named), new Set(steps))
  t.equal(named.length, steps.length, 'each once')
})

t.test('every promise names tests that are there', async (t) => {
  const rows = rowsUnder('SECURITY.md', 'What is promised')
  t.ok(rows.length >= 10, 'the table was found')
  for (const [promise = '', , tests = ''] of rows) {
    const paths = tests.split(', ').map((path) => /^`(test\/\S+\.test\.ts)`$/.exec(path)?.[1])
    for (const path of paths) t.ok(existsSync(join(ROOT, path ?? 'no test')), `${promise}: ${path}`)
  }
})

t.test('the pages link and point to what is there', async (t) => {
  const pages = [
    'README.md',
    'SECURITY.md',
    'CONTRIBUTING.md',
    'docs/ARCHITECTURE.md',
    'docs/AUDIT.md',
    'docs/CAPABILITIES.md',
    'docs/FAILURES.md',
    'docs/PROTOCOL.md',
    'docs/POLICY.md',
    'docs/PRESETS.md',
    'docs/LIMITS.md',
    'docs/DEPENDENCIES.md',
    'integrations/README.md',
    'presets/README.md',
  ]
  for (const page of pages) {
    const text = read(page)
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      t.ok(existsSync(join(ROOT, page, '..', link ?? '')), `${page} links to ${link}`)
    for (const [, path] of text.matchAll(/`((?:test|docs|daemon|cli|client-sdk|\.ci)\/[\w./-]+)`/g))
      t.ok(existsSync(join(ROOT, path ?? '')), `${page} names ${path}`)
  }
})

t.test('the top level holds what the architecture says', async (t) => {
  for (const folder of [
    'client-sdk',
    'daemon',
    'cli',
    'integrations',
    'test',
    'systemd',
    'launchd',
    'presets',
    'packaging',
    'bench',
    'docs',
    'examples',
  ])
    t.ok(existsSync(join(ROOT, folder)), folder)
})
