import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AuditEntry } from '../../daemon/audit/audit-record.ts'
import { systemClock } from '../../daemon/base/clock.ts'
import { openAuditTrail } from '../../daemon/wiring/audit-trail.ts'
import { samplePeer } from '../fakes/sample-grant.ts'
import { startWorld, type World } from './world.ts'

/** A few busy days; some hundred times as much as is read at once. */
const LOG_BYTES = 52_428_800

/** A twentieth of the pieces the log is read in, and more than one gets between two or three long ones. */
const FEWEST_ANSWERS = 20

const logBytes = (directory: string): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)

/** Lets the log itself grow, in a process where nobody waits for it. */
async function makeLong({ stateDirectory }: World): Promise<number> {
  const uid = process.getuid?.() ?? -1
  const { audit } = await openAuditTrail({ stateDirectory, uid, clock: systemClock })
  const entry: AuditEntry = {
    event: 'token.issued',
    peer: samplePeer(),
    grant: 'work',
    grantId: 'a grant',
    request: { grant: 'work', purpose: 'x'.repeat(400) },
  }
  const directory = join(stateDirectory, 'audit')
  for (let lines = 1; ; lines += 1) {
    audit.append(entry)
    if (lines % 1_000 === 0 && logBytes(directory) > LOG_BYTES) {
      await audit.settle()
      audit.close()
      return lines
    }
  }
}

t.test('while a long log is verified, tokens are given out as ever', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.kill()
  const written = await makeLong(world)
  await world.restart()
  await world.login()
  t.match(await world.token({ grant: 'work' }), { status: 200 })

  let isOver = false
  const verified = world.ask('admin', 'GET', '/v1/audit/verify').finally(() => {
    isOver = true
  })
  let answers = 0
  for (;;) {
    const { status } = await world.token({ grant: 'work' })
    // what came after the verdict shows nothing
    if (isOver || status !== 200) break
    answers += 1
  }
  const { status, body } = await verified
  t.match({ status, body }, { status: 200, body: { ok: true, findings: [] } })
  t.ok(Number(body?.['lines']) > written, 'all of it was read')
  t.ok(answers >= FEWEST_ANSWERS, `${answers} tokens were given out meanwhile`)
})
