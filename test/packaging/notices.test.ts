import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { notices, packagesOf } from '../../packaging/notices.ts'

t.test('the packages of files, each once', async (t) => {
  t.same(
    packagesOf([
      'node_modules/b/lib/x.js',
      'node_modules/b/lib/y.js',
      'node_modules/@scope/a/index.js',
      'node_modules/b/node_modules/c/index.js',
      'dist/cli/main.js',
    ]),
    ['node_modules/@scope/a', 'node_modules/b', 'node_modules/b/node_modules/c'],
  )
})

t.test('names, versions and licences, with the text where there is one', async (t) => {
  const place = t.testdir()
  const plant = (name: string, manifest: object, licence?: string): string => {
    const directory = join(place, name)
    mkdirSync(directory)
    writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
    if (licence !== undefined) writeFileSync(join(directory, 'LICENSE.md'), licence)
    return directory
  }
  const a = plant('a', { name: 'a', version: '1.0.0', license: 'MIT' }, 'Copyright of A\n')
  const b = plant('b', { name: '@b/b', version: '2.0.0', license: 'ISC' })
  const text = notices([a, b])
  t.match(text, /^a 1\.0\.0 \(MIT\)\n\nCopyright of A\n\n-{80}\n\n@b\/b 2\.0\.0 \(ISC\)\n$/)
  const c = plant('c', { name: 'c', version: '3.0.0' })
  t.throws(() => notices([c]), { message: 'c 3.0.0 names no licence' })
})
