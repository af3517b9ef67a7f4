import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startProgram } from '../../cli/start-program.ts'

/** Writes its first argument to the file that is its second, which is there only when it is whole. */
const SCRIPT = 'printf %s "$1" >"$2.part"; mv "$2.part" "$2"'

t.test('an argument stays one argument, no shell reads it', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'grantd-start-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const watcher = watch(directory)
  t.teardown(() => watcher.close())
  const out = join(directory, 'out')
  startProgram('/bin/sh', ['-c', SCRIPT, 'sh', '$(id);&', out])
  for (;;) {
    const [, name] = await once(watcher, 'change')
    if (name === 'out') break
  }
  t.equal(readFileSync(out, 'utf8'), '$(id);&')
})

t.test('a program that does not exist is no error', async (t) => {
  const uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)
  process.on('uncaughtException', note)
  startProgram('/nonexistent/xdg-open', ['https://as.example'])
  // the error of a program that cannot be started comes before that
  await new Promise((resolve) => setTimeout(resolve, 50))
  process.off('uncaughtException', note)
  t.same(uncaught, [])
})
