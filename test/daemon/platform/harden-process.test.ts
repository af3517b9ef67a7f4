import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { needs, needsAll, needsLinux, needsRoot } from '../../needs.ts'

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

t.test(
  'a right that it was started with is its own alone',
  needsAll(needsLinux(), needsRoot(), needs('setpriv')),
  async (t) => {
    const program = `
    import { execFileSync } from 'node:child_process'
    import { readFileSync } from 'node:fs'
    import { hardenProcess } from ${JSON.stringify(MODULE)}
    const effective = (status) => /^CapEff:\\t(\\w+)$/m.exec(status)[1]
    const look = () => [
      effective(readFileSync('/proc/self/status', 'utf8')),
      effective(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' })),
    ]
    const before = look()
    hardenProcess()
    process.stdout.write(JSON.stringify([...before, ...look()]))`
    // root without what makes root root
    const rights = [
      '--securebits=+noroot',
      '--inh-caps=-all,+sys_ptrace',
      '--ambient-caps=+sys_ptrace',
    ]
    const { stdout, stderr } = spawnSync(
      'setpriv',
      [...rights, process.execPath, '--input-type=module', '-e', program],
      { cwd: '/', encoding: 'utf8' },
    )
    t.equal(stderr, '')
    const [ours, ofChild, oursAfter, ofChildAfter] = JSON.parse(stdout)
    t.equal(ours, '0000000000080000')
    t.same([ofChild, oursAfter], [ours, ours])
    t.equal(ofChildAfter, '0000000000000000')
  },
)
