import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OPTIONS } from '../../cli/capability-options.ts'
import { needs } from '../needs.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'examples', 'capabilities')
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.sh'))

t.test('every script is one, and is named in the page', needs('bash'), async (t) => {
  t.equal(scripts.length, 3)
  const page = readFileSync(join(FOLDER, 'README.md'), 'utf8')
  for (const script of scripts) {
    const path = join(FOLDER, script)
    t.equal(spawnSync('bash', ['-n', path]).status, 0, script)
    t.ok((statSync(path).mode & 0o100) !== 0, `${script} can be run`)
    t.ok(page.includes(`\`${script} `), `${script} is named`)
  }
})

t.test('they use options there are, and clean up behind themselves', async (t) => {
  for (const script of scripts) {
    const text = readFileSync(join(FOLDER, script), 'utf8')
    const [, call = ''] = /grantd capability add ([\s\S]*?)[^\\]\n/.exec(text) ?? []
    const options = [...call.matchAll(/--([a-z-]+)/g)].map(([, name = '']) => name)
    t.ok(options.length >= 4, `${script}: the options were found`)
    for (const option of options) t.ok(Object.hasOwn(OPTIONS, option), `${script}: --${option}`)
    t.match(text, /trap .*EXIT/, `${script} cleans up`)
    t.match(text, /--bind-pid \$\$/, `${script} ends it with itself`)
  }
})
