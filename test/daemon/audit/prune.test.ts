import t from 'tap'
import { parseLogName } from '../../../daemon/audit/log-name.ts'
import { chooseVictims, victimOf } from '../../../daemon/audit/prune.ts'
import { auditOptions, openAudit, uid } from '../../fakes/open-audit.ts'

const files = ['2030-01-01', '2030-01-01.2', '2030-01-02', '2030-01-03', '2030-01-03.2'].map(
  (name) => ({ name: parseLogName(`${name}.jsonl`) ?? { day: '', part: 0 }, path: name, size: 10 }),
)
const victims = (room: number, total: number): string[] =>
  chooseVictims(files, room, total).map(({ path }) => path)

t.test('whole days go, and of the newest day all but the newest file', async (t) => {
  t.same(victims(0, 50), [])
  t.same(victims(1, 50), ['2030-01-01', '2030-01-01.2'])
  t.same(victims(0, 25), ['2030-01-01', '2030-01-01.2', '2030-01-02'])
  t.same(victims(0, 11), ['2030-01-01', '2030-01-01.2', '2030-01-02', '2030-01-03'])
  t.equal(victims(100, 0).length, 4)
  t.same(chooseVictims([], 1, 0), [])
})

t.test('of a file that goes its last line is known', async (t) => {
  const log = await openAudit(t, auditOptions(t.testdir()))
  const { files, head } = log.snapshot()
  t.match(files[0] && victimOf(files[0], uid), { file: '2030-01-01.jsonl', head })
})
