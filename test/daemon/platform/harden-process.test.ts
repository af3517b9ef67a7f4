import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { needsLinux } from '../../needs.ts'

const MODULE = new URL('../../../daemon/platform/harden-process.js', import.meta.url).href

t.test('a hardened process is closed to others, and has no core', needsLinux(), async (t) => {
  const program = `
    import { readFileSync } from 'node:fs'
    import koffi from 'koffi'
    import { hardenProcess } from ${JSON.stringify(MODULE)}
    const prctl = koffi.load(null).func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)')
    const look = () => ({
      dumpable: prctl(3, 0, 0, 0, 0),
      core: /^Max core file size +0 +0 /m.test(readFileSync('/proc/self/limits', 'utf8')),
    })
    const before = look()
    process.stdout.write(JSON.stringify({ before, said: hardenProcess(), after: look() }))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  })
  t.equal(stderr, '')
  t.match(JSON.parse(stdout), {
    before: { dumpable: 1 },
    said: { isClosed: true, writesNoCore: true },
    after: { dumpable: 0, core: true },
  })
})
