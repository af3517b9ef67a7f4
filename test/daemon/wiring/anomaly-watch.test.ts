import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createLog } from '../../../daemon/base/log.ts'
import type { EffectiveConfig } from '../../../daemon/config/config-files.ts'
import { NO_RULES } from '../../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { watchTrail } from '../../../daemon/wiring/anomaly-watch.ts'
import { openAuditTrail } from '../../../daemon/wiring/audit-trail.ts'
import { localPeer } from '../../fakes/local-peer.ts'
import { auditOptions, uid } from '../../fakes/open-audit.ts'

const current = (): EffectiveConfig => ({ ...DEFAULT_CONFIG, ceiling: {}, policy: NO_RULES })
const config = { usable: current }

t.test('habits outlive a restart, since the log tells of them', async (t) => {
  const options = auditOptions(t.testdir())
  const { clock } = options
  const written: string[] = []
  const log = createLog('warn', { write: (line) => void written.push(line) })
  const start = async () =>
    await watchTrail(await openAuditTrail(options), { clock, log, uid, config })
  const issuedTo = (executable: string) =>
    ({ event: 'token.issued', grant: 'work', peer: localPeer({ executable }) }) as const
  const first = await start()
  first.audit.append(issuedTo('/usr/bin/git'))
  first.audit.append(issuedTo('/usr/bin/curl'))
  t.equal(first.watch.total, 1)
  t.match(written, [/anomaly\.new_executable/])
  await first.audit.settle()
  first.audit.close()
  const { audit, watch, reader } = await start()
  t.teardown(() => audit.close())
  audit.append(issuedTo('/usr/bin/git'))
  audit.append(issuedTo('/usr/bin/curl'))
  t.equal(watch.total, 0, 'none of them is the first')
  audit.append(issuedTo('/usr/bin/wget'))
  t.equal(watch.total, 1)
  t.match(await reader.last({ event: 'anomaly' }, 9), { lines: { length: 2 } })
})

t.test('a log that cannot be read costs its habits, and a line', async (t) => {
  const options = auditOptions(t.testdir())
  const trail = await openAuditTrail(options)
  const written: string[] = []
  const log = createLog('error', { write: (line) => void written.push(line) })
  const broken = Object.assign(Object.create(trail.reader), {
    last: async () => await Promise.reject(new Error('EIO')),
  })
  const { audit } = await watchTrail(
    { ...trail, reader: broken },
    { clock: options.clock, log, uid, config },
  )
  t.teardown(() => audit.close())
  t.match(written, [/habits could not be learnt/])
})

t.test(
  'hours and a hook are those of the configuration, and of a broken one there are none',
  async (t) => {
    const options = auditOptions(t.testdir())
    const out = join(t.testdir({ hooks: {} }), 'hooks', 'out')
    let isBroken = true
    const night = { hours: { from: 0, to: 1 }, days: ['sun'] as const }
    const hook = ['/bin/sh', '-c', `cat >> "${out}"`]
    const { audit, watch, hooks } = await watchTrail(await openAuditTrail(options), {
      clock: options.clock,
      log: createLog('silent'),
      uid,
      config: {
        usable: () => (isBroken ? undefined : { ...current(), anomaly: { hook, window: night } }),
      },
    })
    t.teardown(() => audit.close())
    const issued = { event: 'token.issued', grant: 'work', peer: localPeer() } as const
    audit.append(issued)
    t.equal(watch.total, 0)
    isBroken = false
    audit.append(issued)
    t.match(watch.recent, [{ event: 'anomaly.unusual_hour' }])
    while (!existsSync(out) || !readFileSync(out, 'utf8').endsWith('\n')) await sleep(10)
    t.same(JSON.parse(readFileSync(out, 'utf8')), watch.recent[0])
    await hooks.close()
    t.equal(hooks.failed, 0)
  },
)

t.test('a hook that is not ours alone is not run', async (t) => {
  const options = auditOptions(t.testdir())
  const directory = t.testdir({ hook: '#!/bin/sh\n' })
  chmodSync(join(directory, 'hook'), 0o777)
  const hook = [join(directory, 'hook')]
  const { audit, hooks } = await watchTrail(await openAuditTrail(options), {
    clock: options.clock,
    log: createLog('silent'),
    uid,
    config: { usable: () => ({ ...current(), anomaly: { hook } }) },
  })
  t.teardown(() => audit.close())
  for (const executable of ['/usr/bin/git', '/usr/bin/curl'])
    audit.append({ event: 'token.issued', grant: 'work', peer: localPeer({ executable }) })
  while (hooks.failed === 0) await sleep(10)
  t.equal(hooks.failed, 1)
})
