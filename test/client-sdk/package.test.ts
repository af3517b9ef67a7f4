import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const home = join(root, 'client-sdk')

/** Paths of the files in the tarball. */
async function packed(): Promise<string[]> {
  const argv = ['pack', '--dry-run', '--json', '--loglevel', 'error']
  const output = await new Promise<string>((resolve, reject) => {
    execFile('npm', argv, { cwd: home }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
  })
  const [tarball]: { files: { path: string }[] }[] = JSON.parse(output)
  return (tarball?.files ?? []).map(({ path }) => path)
}

t.test('the package has its license and points to no file it lacks', async (t) => {
  const files = await packed()
  for (const file of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts'])
    t.ok(files.includes(file), file)
  t.equal(readFileSync(join(home, 'LICENSE'), 'utf8'), readFileSync(join(root, 'LICENSE'), 'utf8'))
  t.notOk(
    files.some((file) => /\.d\.ts\.map$|\.tsbuildinfo$/.test(file)),
    'no maps of declarations',
  )
  for (const file of files.filter((name) => name.endsWith('.map'))) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(home, file), 'utf8'))
    t.equal(sourcesContent?.length, sources.length, `${file} holds its sources`)
  }
})
