import { GrantdError } from '@grantd/client/protocol'
import type { FastifyPluginCallback } from 'fastify'
import type { AuditPage, AuditReader } from '../../audit/audit-reader.ts'
import type { Head } from '../../audit/chain.ts'
import { formatCursor, parseCursor } from '../../audit/cursor.ts'
import type { Verdict } from '../../audit/verify-chain.ts'
import { answers } from '../schemas/answers.ts'
import { auditPage, auditQuery, auditVerdict, auditVerifyQuery } from '../schemas/audit.ts'

interface PageQuery {
  readonly grant?: string
  readonly executable?: string
  readonly event?: string
  readonly since?: string
  readonly until?: string
  readonly after?: string
  readonly limit?: string
  readonly last?: string
}

/** Lines of a page when nobody says how many. */
const USUAL_LIMIT = 100

/** `GET /v1/audit` and `GET /v1/audit/verify`, admin listener. */
export function auditRoute(
  reader: Pick<AuditReader, 'page' | 'last' | 'verify'>,
): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get<{ Querystring: PageQuery }>(
      '/v1/audit',
      { schema: { querystring: auditQuery, response: answers(auditPage) } },
      async ({ query }) => pageView(await pageOf(reader, query)),
    )
    app.get<{ Querystring: { readonly anchor?: string } }>(
      '/v1/audit/verify',
      { schema: { querystring: auditVerifyQuery, response: answers(auditVerdict) } },
      async ({ query }) => verdictView(await reader.verify(anchorOf(query.anchor))),
    )
    done()
  }
}

async function pageOf(
  reader: Pick<AuditReader, 'page' | 'last'>,
  { since, until, after, limit, last, ...texts }: PageQuery,
): Promise<AuditPage> {
  const filter = {
    ...texts,
    ...(since !== undefined && { since: moment('since', since) }),
    ...(until !== undefined && { until: moment('until', until) }),
  }
  if (last !== undefined && after !== undefined)
    throw new GrantdError('invalid_request', '"last" and "after" exclude each other')
  if (last !== undefined) return await reader.last(filter, Number(last))
  const cursor = after === undefined ? undefined : parseCursor(after)
  if (after !== undefined && cursor === undefined)
    throw new GrantdError('invalid_request', '"after" is no cursor of this daemon')
  return await reader.page(filter, cursor, Number(limit ?? USUAL_LIMIT))
}

/** @throws GrantdError `invalid_request`: digits in the right places are not yet a day */
function moment(name: string, text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new GrantdError('invalid_request', `"${name}" is no moment`)
  return at
}

function anchorOf(text: string | undefined): Head | undefined {
  if (text === undefined) return undefined
  const [seq, hash = ''] = text.split(':')
  return { seq: Number(seq), hash }
}

function pageView({ lines, cursor, hasMore }: AuditPage): object {
  return { lines, more: hasMore, ...(cursor && { cursor: formatCursor(cursor) }) }
}

function verdictView(verdict: Verdict): object {
  const { lines, first, head, sealed, torn, findings, findingCount, anchor } = verdict
  const isGood = findingCount === 0 && (anchor === undefined || anchor === 'matches')
  return {
    ok: isGood,
    lines,
    ...(first !== undefined && { first }),
    head: `${head.seq}:${head.hash}`,
    sealed,
    torn,
    findings,
    finding_count: findingCount,
    ...(anchor && { anchor }),
  }
}
