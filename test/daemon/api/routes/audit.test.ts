import t from 'tap'
import { auditRoute } from '../../../../daemon/api/routes/audit.ts'
import { fakeRooms } from '../../../fakes/fake-rooms.ts'
import { auditOptions, openAudit, readerOf } from '../../../fakes/open-audit.ts'
import { serveRooms } from '../../../fakes/serve-rooms.ts'

t.test('lines leave as they lie on disk, page by page', async (t) => {
  const log = await openAudit(t, auditOptions(t.testdir()))
  for (const grant of ['work', 'home', 'work']) log.append({ event: 'token.issued', grant })
  const more = () => [auditRoute(readerOf(log))]
  const served = await serveRooms(t, fakeRooms(), 'admin', { more })
  const ask = async (query: string) => (await served.ask('GET', `/v1/audit${query}`)).json as never
  t.match(await ask(''), { lines: { length: 4 }, more: false, cursor: /^2030-01-01@\d+$/ })
  const first: { cursor: string } = await ask('?grant=work&limit=1')
  t.match(first, { lines: [/"grant":"work".*"seq":2,/], more: true })
  t.match(await ask(`?grant=work&limit=1&after=${first.cursor}`), { lines: [/"seq":4,/] })
  t.match(await ask('?last=1&event=token&since=2030-01-01T00:00Z'), { lines: [/"seq":4,/] })
  for (const query of [
    '?limit=501',
    '?last=0',
    '?after=x',
    '?after=1@2@3',
    '?last=1&after=2030-01-01@1',
    '?since=yesterday',
    '?until=2030-99-99T00:00Z',
    '?grant=%1b',
    '?event=Token',
    '?unknown=1',
  ])
    t.match(await ask(query), { code: 'invalid_request' }, query)
})

t.test('a verdict says what is wrong, and what an anchor is worth', async (t) => {
  const log = await openAudit(t, auditOptions(t.testdir()))
  const more = () => [auditRoute(readerOf(log))]
  const served = await serveRooms(t, fakeRooms(), 'admin', { more })
  const ask = async (query: string) =>
    (await served.ask('GET', `/v1/audit/verify${query}`)).json as { head: string }
  const verdict = await ask('')
  t.match(verdict, { ok: true, lines: 1, first: 1, findings: [], finding_count: 0, torn: [] })
  t.match(await ask(`?anchor=${verdict.head}`), { ok: true, anchor: 'matches' })
  t.match(await ask(`?anchor=1:${'0'.repeat(64)}`), { ok: false, anchor: 'differs' })
  t.match(await ask('?anchor=1'), { code: 'invalid_request' })
})
