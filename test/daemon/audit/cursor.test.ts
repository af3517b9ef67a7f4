import t from 'tap'
import { formatCursor, offsetIn, parseCursor } from '../../../daemon/audit/cursor.ts'

t.test('a cursor comes back as it was sent', async (t) => {
  for (const text of ['2030-01-01@0', '2030-01-01.2@123']) {
    const cursor = parseCursor(text)
    t.equal(cursor && formatCursor(cursor), text)
  }
  for (const text of ['', '@', '2030-01-01', '../../../x@1', '2030-01-01@-1', '2030-01-01@1x'])
    t.equal(parseCursor(text), undefined)
})

t.test('it leaves out what lies before it', async (t) => {
  const file = { name: { day: '2030-01-02', part: 1 }, size: 10 }
  t.equal(offsetIn(file, undefined), 0)
  t.equal(offsetIn(file, parseCursor('2030-01-02@4')), 4)
  t.equal(offsetIn(file, parseCursor('2030-01-02@40')), 10)
  t.equal(offsetIn(file, parseCursor('2030-01-01@4')), 0)
  t.equal(offsetIn(file, parseCursor('2030-01-02.2@4')), undefined)
})
