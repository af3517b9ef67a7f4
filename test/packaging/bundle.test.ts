import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import t from 'tap'
import { LAWS } from '../architecture/laws.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const read = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8')

const { outputs } = JSON.parse(read('.cache', 'bundle.json')) as Metafile

t.test('what is shipped asks for Node and the native package alone', async (t) => {
  t.ok(outputs['dist/bundle/grantd.js'], 'the bundle was found')
  const asked = Object.values(outputs).flatMap(({ imports }) =>
    imports.flatMap(({ external, path }) => (external === true ? [path] : [])),
  )
  t.same(
    new Set(asked.filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))),
    new Set(['koffi']),
  )
})

t.test('the command is a program, and its words for tokens load no daemon', async (t) => {
  t.match(read('dist', 'bundle', 'grantd.js'), /^#!\/usr\/bin\/env node\n/)
  const loaded = new Set<string>()
  const load = (name: string): void => {
    if (loaded.has(name)) return
    loaded.add(name)
    for (const { path, kind } of outputs[name]?.imports ?? [])
      if (kind === 'import-statement') load(path)
  }
  load('dist/bundle/grantd.js')
  load(outputOf('dist/cli/token.js'))
  t.ok(loaded.has('node:net'))
  t.notOk(loaded.has('node:http'))
  t.notOk(loaded.has(outputOf('dist/daemon/run-daemon.js')))
})

t.test('what is inside is named, with its licence', async (t) => {
  const text = read('dist', 'bundle', 'THIRD-PARTY.txt')
  const native = ['koffi', '@github/keytar']
  const bundled = Object.keys(LAWS.outside).filter(
    (name) => !name.startsWith('node:') && !native.includes(name),
  )
  t.ok(bundled.length > 4)
  for (const name of bundled) t.match(text, new RegExp(`^${name} [\\d.]+ \\(.+\\)$`, 'm'), name)
  t.notMatch(text, /\((?:A?GPL|UNLICENSED)/)
})

/** The file that a module ended up in. */
function outputOf(module: string): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === module)
  if (found === undefined) throw new Error(`${module} is no entry`)
  return found[0]
}
