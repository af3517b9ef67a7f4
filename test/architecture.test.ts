import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LAWS } from './architecture/laws.ts'
import { breaches, importsOf, type Tree } from './architecture/rules.ts'

const ROOT = join(import.meta.dirname, '..', '..')

function sourcesBelow(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('dist/'))
    .map((name) => `${folder}/${name}`)
}

const files = new Map(
  Object.keys(LAWS.folders)
    .flatMap(sourcesBelow)
    .map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
)

const tree: Tree = {
  files,
  exists: (file) => existsSync(join(ROOT, file)),
  compiled: (file) => {
    const output = file.startsWith('client-sdk/')
      ? file.replace('client-sdk/', 'client-sdk/dist/')
      : `dist/${file}`
    return readFileSync(join(ROOT, output.replace(/\.ts$/, '.js')), 'utf8')
  },
}

t.test('the tree keeps the laws', async (t) => {
  t.ok(files.size > 50, 'the sources were found')
  t.same(breaches(tree, LAWS), [])
})

t.test('the table of outside modules names no file that is gone', async (t) => {
  for (const [module, named] of Object.entries(LAWS.outside))
    for (const file of named)
      t.ok(importsOf(files.get(file) ?? '').includes(module), `${file} imports ${module}`)
})

t.test(
  'a test is skipped by test/needs.ts alone, which says why and refuses it in CI',
  async (t) => {
    const tests = sourcesBelow('test').filter((file) => file !== 'test/needs.ts')
    t.ok(tests.length > 300, 'the tests were found')
    const skipping = /\bskip: (?!false\b)|\{ skip \}|\.skip\(|\btodo\b|\.todo\(/
    const found = tests.filter((file) => skipping.test(readFileSync(join(ROOT, file), 'utf8')))
    t.same(found, ['test/architecture.test.ts'], 'where these words stand')
  },
)

t.test('a planted breach of each law is found', async (t) => {
  const planted: readonly (readonly [file: string, text: string, breach: string])[] = [
    ['daemon/policy/a.ts', "import { readFileSync } from 'node:fs'", 'may not import node:fs'],
    ['daemon/policy/a.ts', "import fastify from 'fastify'", 'may not import fastify'],
    [
      'daemon/policy/a.ts',
      "import type { Vault } from '../vault/vault.ts'",
      'may not import daemon/vault/vault.ts: not on a lower floor',
    ],
    [
      'daemon/grant/a.ts',
      "export { decide } from '../policy/decide.ts'",
      'may not import daemon/policy/decide.ts: not on a lower floor',
    ],
    ['daemon/broker/a.ts', "await import('../../cli/main.ts')", 'may not import cli/main.ts'],
    ['daemon/broker/a.ts', "import { x } from '@grantd/client'", 'may not import @grantd/client'],
    ['cli/a.ts', "import { x } from '../daemon/main.ts'", 'may not import daemon/main.ts'],
    ['client-sdk/a.ts', "import x from 'undici'", 'may not import undici'],
    ['daemon/cellar/a.ts', '', 'lies in no known room'],
    ['tools/a.ts', '', 'lies in no known folder'],
    ['cli/a.ts', 'export function run() {}', 'has no test/cli/a.test.ts'],
  ]
  for (const [file, text, breach] of planted)
    t.same(
      breaches({ files: new Map([[file, text]]), compiled: () => text, exists: () => false }, LAWS),
      [`${file} ${breach}`],
      breach,
    )
})
