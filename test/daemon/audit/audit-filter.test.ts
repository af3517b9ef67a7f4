import t from 'tap'
import { isWanted } from '../../../daemon/audit/audit-filter.ts'
import { formatAuditEntry } from '../../../daemon/audit/audit-record.ts'
import { localPeer } from '../../fakes/local-peer.ts'

const AT = Date.UTC(2030, 0, 1)
const line = formatAuditEntry(
  { event: 'token.issued', grant: 'work', peer: localPeer(), request: { grant: 'other' } },
  AT,
).trimEnd()

t.test('each filter leaves out what it does not mean', async (t) => {
  for (const [filter, isMeant] of [
    [{}, true],
    [{ grant: 'work' }, true],
    [{ grant: 'other' }, false],
    [{ executable: '/usr/bin/git' }, true],
    [{ executable: 'git' }, true],
    [{ executable: 'bin/git' }, false],
    [{ executable: 'it' }, false],
    [{ event: 'token.issued' }, true],
    [{ event: 'token' }, true],
    [{ event: 'tok' }, false],
    [{ since: AT }, true],
    [{ since: AT + 1 }, false],
    [{ until: AT }, false],
    [{ until: AT + 1, event: 'token', grant: 'work', executable: 'git' }, true],
  ] as const)
    t.equal(isWanted(line, filter), isMeant, JSON.stringify(filter))
})

t.test('a line that nobody of ours wrote is never shown', async (t) => {
  for (const text of ['', 'x', `${line}\u001b`, line.replace('"time"', '"tim"')])
    t.notOk(isWanted(text, {}))
  t.notOk(isWanted(line.slice(0, -1), { grant: 'work' }))
  t.notOk(isWanted(formatAuditEntry({ event: 'token.issued' }, AT).trimEnd(), { executable: 'x' }))
})
