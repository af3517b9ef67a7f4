import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERRORS } from '@grantd/client'
import t from 'tap'
import { AUDIT_EVENTS } from '../daemon/audit/audit-event.ts'

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

t.test('the table of audit events is the code’s', async (t) => {
  const rows = [...read('docs/AUDIT.md').matchAll(/^\| `([a-z]+\.[a-z_]+)` \| \S/gm)]
  t.same(
    rows.map(([, event]) => event),
    [...AUDIT_EVENTS],
  )
})

t.test('every dependency has its line, and every line its dependency', async (t) => {
  const { dependencies, optionalDependencies } = JSON.parse(read('package.json'))
  const used = Object.keys({ ...dependencies, ...optionalDependencies }).filter(
    (name) => name !== '@grantd/client',
  )
  const documented = [
    ...read('docs/DEPENDENCIES.md').matchAll(/^\| (@?[a-z][\w/-]*)(?: \(optional\))? \|/gm),
  ]
  t.same(
    new Set(documented.map(([, name]) => name).filter((name) => name !== 'package')),
    new Set(used),
  )
  const { dependencies: ofClient = {} } = JSON.parse(read('client-sdk/package.json'))
  t.same(ofClient, {}, 'the client has none')
})

t.test('the pages link and point to what is there', async (t) => {
  const pages = [
    'README.md',
    'SECURITY.md',
    'CONTRIBUTING.md',
    'docs/ARCHITECTURE.md',
    'docs/AUDIT.md',
    'docs/PROTOCOL.md',
    'docs/POLICY.md',
    'docs/DEPENDENCIES.md',
    'integrations/README.md',
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
    'bench',
    'docs',
    'examples',
  ])
    t.ok(existsSync(join(ROOT, folder)), folder)
})
