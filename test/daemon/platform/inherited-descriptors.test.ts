import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { keepDescriptorsFromChildren } from '../../../daemon/platform/inherited-descriptors.ts'
import { needs, needsAll, needsLinux } from '../../needs.ts'

const MODULE = join(import.meta.dirname, '../../../daemon/platform/inherited-descriptors.js')

t.test(
  'a child gets nothing that was open before us',
  needsAll(needs('bash'), needsLinux()),
  async (t) => {
    const secret = join(t.testdir({ secret: '' }), 'secret')
    const childSees = (before: string): string => {
      const script = `${before}; (await import('node:child_process')).spawnSync('/bin/sh',
      ['-c', 'ls -l /proc/$$/fd'], { stdio: ['ignore', 'inherit', 'ignore'] })`
      const open = `exec 7<"${secret}" 200<"${secret}"; exec "$@"`
      const node = [process.execPath, '--input-type=module', '-e', script]
      return execFileSync('bash', ['-c', open, 'bash', ...node], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] },
      })
    }
    t.match(childSees('0'), /secret/, 'Node alone leaves it')
    const kept = childSees(`(await import('${MODULE}')).keepDescriptorsFromChildren()`)
    t.match(kept, / 1 -> /)
    t.notMatch(kept, /secret/)
  },
)

t.test('what is open here stays open', async (t) => {
  keepDescriptorsFromChildren()
  t.equal(execFileSync('/bin/sh', ['-c', 'cat'], { input: 'still', encoding: 'utf8' }), 'still')
})
