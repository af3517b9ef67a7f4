import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import type { Finding } from '../../../daemon/anomaly/anomaly.ts'
import { WatchedLog } from '../../../daemon/anomaly/watched-log.ts'
import type { ChainedLog } from '../../../daemon/audit/audit-log.ts'
import type { AuditEntry } from '../../../daemon/audit/audit-record.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

/** A log under a watch that finds a burst in every token. */
function scene(see?: (cause: AuditEntry, at: number) => readonly Finding[]) {
  const calls: string[] = []
  const fake = new FakeAudit()
  const inner = Object.assign(fake, {
    snapshot: () => calls.push('snapshot'),
    maintain: async () => void calls.push('maintain'),
    settle: async () => void calls.push('settle'),
    close: () => void calls.push('close'),
  }) as unknown as ChainedLog
  const always = (cause: AuditEntry, at: number): readonly Finding[] =>
    cause.event === 'token.issued' ? [{ event: 'anomaly.burst', reason: 'many', cause, at }] : []
  const told: Finding[] = []
  const logged: string[] = []
  const log = new WatchedLog({
    inner,
    watch: { see: see ?? always },
    clock: new FakeClock(),
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (message) => void logged.push(message),
      setLevel: () => undefined,
    },
    onAnomaly: (finding) => told.push(finding),
  })
  return { fake, log, told, logged, calls }
}

t.test('an anomaly follows the record it was found at', async (t) => {
  const { fake, log, told } = scene()
  log.append({ event: 'token.issued', grant: 'work' })
  t.same(fake.events(), ['token.issued', 'anomaly.burst'])
  await log.appendDurably({ event: 'token.issued', grant: 'work' })
  t.same(fake.events().slice(2), ['token.issued', 'anomaly.burst'])
  await log.appendDurably({ event: 'vault.locked' })
  t.equal(told.length, 2)
})

t.test('what is not on record is not looked at', async (t) => {
  const { fake, log, told } = scene()
  fake.failing = 'all'
  t.throws(() => log.append({ event: 'token.issued' }), { code: 'audit_unavailable' })
  await t.rejects(log.appendDurably({ event: 'token.issued' }), GrantdError)
  t.equal(told.length, 0)
})

t.test('an anomaly that cannot be written costs nobody a token', async (t) => {
  const { fake, log, told, logged } = scene()
  fake.failing = ['anomaly.burst']
  log.append({ event: 'token.issued' })
  t.same(fake.events(), ['token.issued'])
  t.equal(told.length, 1, 'and is told all the same')
  t.same(logged, ['an anomaly could not be put on record'])
})

t.test('nor does a mistake of a detector', async (t) => {
  const { fake, log, logged } = scene(() => {
    throw new TypeError('a bug')
  })
  log.append({ event: 'token.issued' })
  t.same(fake.events(), ['token.issued'])
  t.same(logged, ['a record could not be looked at'])
})

t.test('in all else it is the log itself', async (t) => {
  const { log, calls } = scene()
  log.snapshot()
  await log.maintain()
  await log.settle()
  log.close()
  t.same(calls, ['snapshot', 'maintain', 'settle', 'close'])
})
