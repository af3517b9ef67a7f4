import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { moveFormerLogs } from '../../../daemon/audit/move-former.ts'

t.test('only files of an earlier version are moved, and only once', async (t) => {
  const directory = t.testdir({
    'audit.log': 'a',
    'audit.log.4': 'b',
    'audit.log.3': {},
    other: '',
  })
  const to = join(directory, 'to')
  t.equal(moveFormerLogs(directory, to), 2)
  t.equal(moveFormerLogs(directory, to), 0)
  t.same(readdirSync(to).sort(), ['audit.log', 'audit.log.4'])
})
