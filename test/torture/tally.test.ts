import t from 'tap'
import { type Kill, Tally } from './tally.ts'

const kill: Kill = {
  operation: 'refresh',
  step: 'sent',
  verdicts: ['lives'],
  orphans: 0,
  broken: [],
}

t.test('kills add up by step, and in all', async (t) => {
  const tally = new Tally()
  tally.add(kill)
  tally.add({ ...kill, verdicts: ['lives', 'lost on the way', 'lost in memory'] })
  tally.add({ ...kill, operation: 'login', step: 'kept', orphans: 1 })
  t.equal(tally.kills, 3)
  t.equal(tally.lost, 2)
  t.same(tally.broken, [])
  const rows = tally.table().split('\n')
  const figures = (row: string | undefined): readonly string[] => row?.match(/\d+/g) ?? []
  t.same(figures(rows.find((row) => row.startsWith('  sent'))), '2 4 2 1 1 0 0'.split(' '))
  t.same(figures(rows.find((row) => row.startsWith('  kept'))), '1 1 1 0 0 0 1'.split(' '))
  t.same(figures(rows.find((row) => row.startsWith('all'))), '3 5 3 1 1 0 1'.split(' '))
})

t.test('a broken promise is told with its step', async (t) => {
  const tally = new Tally()
  tally.add({ ...kill, verdicts: ['lost without need'], broken: ['it was lost'] })
  t.same(tally.broken, ['refresh, sent: it was lost'])
  t.equal(tally.lost, 1)
})

t.test('rows come in the order that was given, and only where somebody was killed', async (t) => {
  const tally = new Tally([
    { operation: 'refresh', name: 'begun' },
    { operation: 'refresh', name: 'sent' },
    { operation: 'login', name: 'agreed' },
  ])
  tally.add({ ...kill, step: 'at random' })
  tally.add(kill)
  const names = tally
    .table()
    .split('\n')
    .map((row) => row.trim().split('  ')[0])
  t.same(names.slice(1), ['refresh', 'sent', 'at random', 'all'])
})
