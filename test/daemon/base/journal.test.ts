import { fstatSync } from 'node:fs'
import t from 'tap'
import { isJournal, journalPrefix } from '../../../daemon/base/journal.ts'

t.test('each level has the priority that syslog has for it', async (t) => {
  const prefixes = [10, 20, 30, 35, 40, 50, 60].map(journalPrefix)
  t.same(prefixes, ['<7>', '<7>', '<6>', '<6>', '<4>', '<3>', '<2>'])
})

t.test('a stream is the journal’s where its numbers are those that systemd names', async (t) => {
  const { dev, ino } = fstatSync(2, { bigint: true })
  t.equal(isJournal({ JOURNAL_STREAM: `${dev}:${ino}` }, 2), true)
  t.equal(isJournal({ JOURNAL_STREAM: `${dev}:${ino}1` }, 2), false, 'sent elsewhere')
  t.equal(isJournal({ JOURNAL_STREAM: '' }, 2), false)
  t.equal(isJournal({}, 2), false)
})
