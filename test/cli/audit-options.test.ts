import t from 'tap'
import { type AuditAsk, auditAsk, OPTIONS } from '../../cli/audit-options.ts'
import { parseOptions } from '../../cli/options.ts'

const NOW = Date.UTC(2030, 0, 2)
const ask = (...args: string[]): AuditAsk => auditAsk(parseOptions(args, OPTIONS), NOW)

t.test('each verb asks for what its options say', async (t) => {
  t.same(ask('tail', '-f'), { verb: 'tail', isFollowed: true, query: { last: '20' } })
  t.same(ask('verify', '--anchor', 'x'), { verb: 'verify', anchor: 'x' })
  t.same(
    ask(
      'query',
      '--grant=work',
      '--executable=git',
      '--event=token',
      '--since=24h',
      '--until=2030-01-01T12:00Z',
    ),
    {
      verb: 'query',
      isFollowed: false,
      query: {
        limit: '500',
        grant: 'work',
        executable: 'git',
        event: 'token',
        since: '2030-01-01T00:00:00.000Z',
        until: '2030-01-01T12:00:00.000Z',
      },
    },
  )
  t.match(ask('query', '--since', '2030-01-01'), { query: { since: '2030-01-01T00:00:00.000Z' } })
})

t.test('what makes no sense is refused', async (t) => {
  for (const args of [
    [],
    ['sing'],
    ['tail', 'more'],
    ['query', '-f'],
    ['query', '--lines=3'],
    ['verify', '--grant=work'],
    ['tail', '--anchor=x'],
    ['tail', '--lines=0'],
    ['tail', '--lines=501'],
    ['query', '--since=yesterday'],
    ['query', '--until=2030-99-99'],
  ])
    t.throws(() => ask(...args), { name: 'UsageError' }, args.join(' '))
})
