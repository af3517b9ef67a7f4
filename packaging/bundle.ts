import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { notices, packagesOf } from './notices.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** Each is a program of its own: the command, and what it starts as a child. */
const PROGRAMS = {
  grantd: 'cli/main.js',
  'keychain-child': 'daemon/platform/keychain-child.js',
  'clock-child': 'cli/doctor/clock-child.js',
}

/** Native code; the packages that stay packages. */
const NATIVE = ['koffi', '@github/keytar']

/** Lets a library that was written for `require` find the modules of Node. */
const BANNER =
  'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);'

// A daemon of hundreds of modules takes longer to find and read them than to do its work: what
// is shipped is a few files, each with what is always needed together. Nothing is made shorter:
// whoever wants to know what runs on their machine can read it.
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: Object.fromEntries(
    Object.entries(PROGRAMS).map(([name, file]) => [name, join('dist', file)]),
  ),
  outdir: 'dist/bundle',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: NATIVE,
  banner: { js: BANNER },
  metafile: true,
  logLevel: 'warning',
})
const packages = packagesOf(Object.keys(metafile.inputs)).map((directory) => join(ROOT, directory))
writeFileSync(join(ROOT, 'dist', 'bundle', 'THIRD-PARTY.txt'), notices(packages))
// what went where: for the tests, and for whoever wonders
writeFileSync(join(ROOT, '.cache', 'bundle.json'), JSON.stringify(metafile))
