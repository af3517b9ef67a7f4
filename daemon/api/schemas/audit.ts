import { anyInteger, anyString, closed, grantName, text } from './parts.ts'

const auditTime = text('^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?Z$', 24)
const pageSize = text('^([1-9]|[1-9][0-9]|[1-4][0-9]{2}|500)$', 3)
/** Which lines somebody wants to see. */
export const auditQuery = closed(
  {
    grant: grantName,
    executable: text('^[\\x20-\\x7e]+$', 1024),
    event: text('^[a-z_]+(\\.[a-z_]+)?$', 64),
    since: auditTime,
    until: auditTime,
    after: text('^[0-9.@-]+$', 40),
    limit: pageSize,
    last: pageSize,
  },
  [],
)
/** Some of them. */
export const auditPage = closed(
  { lines: { type: 'array', items: anyString }, more: { type: 'boolean' }, cursor: anyString },
  ['lines', 'more'],
)

/** A head that was noted elsewhere. */
export const auditVerifyQuery = closed({ anchor: text('^[1-9][0-9]{0,14}:[0-9a-f]{64}$', 80) }, [])
const auditPlace = { file: anyString, line: anyInteger }
/** What the whole log was found to be. */
export const auditVerdict = closed(
  {
    ok: { type: 'boolean' },
    lines: anyInteger,
    first: anyInteger,
    head: anyString,
    sealed: anyInteger,
    torn: { type: 'array', items: closed(auditPlace, ['file', 'line']) },
    findings: {
      type: 'array',
      items: closed({ kind: anyString, ...auditPlace, detail: anyString }, [
        'kind',
        'file',
        'line',
        'detail',
      ]),
    },
    finding_count: anyInteger,
    anchor: anyString,
  },
  ['ok', 'lines', 'head', 'sealed', 'torn', 'findings', 'finding_count'],
)
