import { answer } from './answer.ts'
import { type AuditAsk, auditAsk, HELP, OPTIONS, type Query } from './audit-options.ts'
import { interruption } from './interruption.ts'
import { parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { type AuditVerdict, auditLine, verdictText } from './text/audit-lines.ts'
import type { Connection, World } from './world.ts'

export { HELP, OPTIONS }

/** What `GET /v1/audit` answers. */
interface AuditPage {
  readonly lines: readonly string[]
  readonly more: boolean
  readonly cursor?: string
}

/** How often a log that is followed is looked at. */
const FOLLOW_MS = 1_000

/** All of a full log takes seconds on a slow disk. */
const VERIFY_TIMEOUT_MS = 600_000

/** `grantd audit`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, OPTIONS)
  const ask = auditAsk(parsed, world.timers.now())
  const admin = world.connect('admin')
  const asJson = parsed.values.json === true
  if (ask.verb === 'verify') return await verify(world, admin, ask.anchor, asJson)
  return await show(world, admin, ask, asJson)
}

async function verify(
  world: World,
  admin: Connection,
  anchor: string | undefined,
  asJson: boolean,
): Promise<number> {
  const path = pathOf('/v1/audit/verify', anchor === undefined ? {} : { anchor })
  const verdict = answer<AuditVerdict>(
    await admin.request({ method: 'GET', path, timeoutMs: VERIFY_TIMEOUT_MS }),
    'ok',
    'head',
    'findings',
  )
  world.stdout.write(asJson ? jsonLine(verdict) : verdictText(verdict))
  return verdict.ok ? 0 : 1
}

async function show(
  world: World,
  admin: Connection,
  { isFollowed, query }: Exclude<AuditAsk, { verb: 'verify' }>,
  asJson: boolean,
): Promise<number> {
  const interrupted = interruption(world)
  const { last: _last, ...filter } = query
  let next: Query = query
  try {
    for (;;) {
      const page = answer<AuditPage>(
        await admin.request({ method: 'GET', path: pathOf('/v1/audit', next) }),
        'lines',
        'more',
      )
      // with --json a line is what lies on disk, byte for byte, so that anybody can verify it
      for (const line of page.lines) world.stdout.write(asJson ? `${line}\n` : auditLine(line))
      if (interrupted.signal.aborted) return interrupted.exitStatus()
      if (!page.more && !isFollowed) return 0
      next = { ...filter, limit: '500', ...(page.cursor !== undefined && { after: page.cursor }) }
      if (!page.more) await world.timers.sleep(FOLLOW_MS, interrupted.signal)
    }
  } finally {
    interrupted.stop()
  }
}

function pathOf(path: string, query: Query): string {
  const members = Object.entries(query).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  )
  return members.length === 0 ? path : `${path}?${members.join('&')}`
}
