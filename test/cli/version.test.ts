import { readFileSync } from 'node:fs'
import t from 'tap'
import { VERSION } from '../../cli/version.ts'

t.test('the version is the package version', async (t) => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  t.match(JSON.parse(text), { version: VERSION })
})
